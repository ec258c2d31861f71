// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_LMDB_PEER_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_LMDB_PEER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lmdb.h"
#include "tools/bench/peers/peer.h"
#include "tools/bench/peers/worker_pool.h"

namespace slotwise {

// LMDB. Each batch is one transaction of the submitter, as LMDB has one writer at a
// time; the workers copy from the map, one read transaction a key. LMDB has no
// direct I/O: it writes and reads through the page cache, whatever ReadPath says.
//
// MDB_NOSYNC: a commit does not wait for the device, as a batched put of Slotwise
// does not. In its favour: a crash of the machine may then damage the whole
// database, where Slotwise and RocksDB lose the last puts only. With a sync for each
// transaction LMDB would keep more than the others promise.
class LmdbPeer final : public Peer {
 public:
  static absl::StatusOr<std::unique_ptr<Peer>> Open(const PeerOptions& options);

  absl::Status Put(const Batch& batch) override;
  absl::Status Get(const Batch& batch) override;
  absl::Status Flush() override;
  absl::Status PrepareGets(ReadPath path) override;
  absl::Status Close() override;

 private:
  struct CloseEnvironment {
    void operator()(MDB_env* environment) const { mdb_env_close(environment); }
  };

  explicit LmdbPeer(const PeerOptions& options);

  absl::Status OpenEnvironment();
  absl::Status OpenDatabase();
  absl::Status GetOne(const std::string& key, std::span<std::byte> payload);

  const std::string folder_;
  const uint64_t map_bytes_;
  std::unique_ptr<MDB_env, CloseEnvironment> environment_;
  MDB_dbi database_ = 0;
  WorkerPool workers_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_LMDB_PEER_H_
