// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_ROCKSDB_PEER_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_ROCKSDB_PEER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "tools/bench/peers/peer.h"
#include "tools/bench/peers/worker_pool.h"

namespace slotwise {

// RocksDB with BlobDB: values in blob files, keys in the tree. Direct I/O for gets,
// flushes and compactions; nothing compressed; no blob cache; checksums verified. The
// log is written and not synced, so what a crash takes is the last puts, as with a
// batched put of Slotwise. Debian's build has no io_uring, where a MultiGet reads
// one blob after the other; so the workers put and get one key each.
//
// In its favour: nothing is ever overwritten or removed, so there are no blobs to
// collect; and a log that a flush has made obsolete may be deleted before the kernel
// has written it.
class RocksdbPeer final : public Peer {
 public:
  static absl::StatusOr<std::unique_ptr<Peer>> Open(const PeerOptions& options);

  absl::Status Put(const Batch& batch) override;
  absl::Status Get(const Batch& batch) override;
  absl::Status Flush() override;
  absl::Status PrepareGets(ReadPath path) override;
  absl::Status Close() override;

 private:
  explicit RocksdbPeer(const PeerOptions& options) : folder_(options.folder), workers_(options.workers) {}

  absl::Status OpenDatabase(ReadPath path);
  absl::Status PutOne(const std::string& key, std::span<const std::byte> payload);
  absl::Status GetOne(const std::string& key, std::span<std::byte> payload);

  const std::string folder_;
  std::unique_ptr<rocksdb::DB> database_;
  WorkerPool workers_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_ROCKSDB_PEER_H_
