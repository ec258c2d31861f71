// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_RAW_BLOCK_STORE_PEER_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_RAW_BLOCK_STORE_PEER_H_

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "slotwise/raw_block_store.h"
#include "tools/bench/peers/peer.h"

namespace slotwise {

// Slotwise: one shard on the first device, extents, batched durability, the
// submitters' memory registered. Never the page cache.
class RawBlockStorePeer final : public Peer {
 public:
  static absl::StatusOr<std::unique_ptr<Peer>> Open(const PeerOptions& options);

  absl::Status Put(const Batch& batch) override;
  absl::Status Get(const Batch& batch) override;
  absl::Status Flush() override;
  absl::Status PrepareGets(ReadPath path) override;
  absl::Status Close() override;

 private:
  explicit RawBlockStorePeer(std::unique_ptr<RawBlockStore> store) : store_(std::move(store)) {}

  std::unique_ptr<RawBlockStore> store_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_RAW_BLOCK_STORE_PEER_H_
