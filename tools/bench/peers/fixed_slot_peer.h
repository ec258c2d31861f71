// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_FIXED_SLOT_PEER_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_FIXED_SLOT_PEER_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "slotwise/unique_fd.h"
#include "tools/bench/peers/peer.h"
#include "tools/bench/peers/worker_pool.h"

namespace slotwise {

// What LMCache's RawBlockCore amounts to: slots of one size on the first device,
// a map in memory under a lock from keys to slots, and one pwrite or pread with
// O_DIRECT for each key, by the workers.
//
// In its favour: no Python, no checkpoints of the index, no journal, no checksums,
// and slots of exactly the payload's size. So nothing survives Close.
class FixedSlotPeer final : public Peer {
 public:
  static absl::StatusOr<std::unique_ptr<Peer>> Open(const PeerOptions& options);

  absl::Status Put(const Batch& batch) override;
  absl::Status Get(const Batch& batch) override;
  absl::Status Flush() override;
  absl::Status PrepareGets(ReadPath path) override;
  absl::Status Close() override;

 private:
  FixedSlotPeer(const PeerOptions& options, UniqueFd direct, UniqueFd buffered);

  absl::Status PutOne(const std::string& key, std::span<const std::byte> payload);
  absl::Status GetOne(const std::string& key, std::span<std::byte> payload);

  const uint64_t slot_bytes_;
  const UniqueFd direct_;
  const UniqueFd buffered_;
  const UniqueFd* read_from_ = &direct_;
  std::mutex mutex_;  // of the next two
  absl::flat_hash_map<std::string, uint64_t> slots_;
  uint64_t slots_taken_ = 0;
  WorkerPool workers_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_FIXED_SLOT_PEER_H_
