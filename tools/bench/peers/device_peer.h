// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_DEVICE_PEER_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_DEVICE_PEER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "iouring/device.h"
#include "tools/bench/peers/peer.h"
#include "tools/bench/peers/worker_pool.h"

namespace slotwise {

// The limit: Slotwise's own Device, and nothing above it but a map that says where
// each key's payload lies. All payloads of a batch are in flight at once, from and
// to registered memory. Each submitter has a device of its own, with a thread that
// does nothing else, as a Device belongs to one thread. Never the page cache.
class DevicePeer final : public Peer {
 public:
  static absl::StatusOr<std::unique_ptr<Peer>> Open(const PeerOptions& options);

  absl::Status Put(const Batch& batch) override;
  absl::Status Get(const Batch& batch) override;
  absl::Status Flush() override;
  absl::Status PrepareGets(ReadPath path) override;
  absl::Status Close() override;

 private:
  struct Lane {
    explicit Lane(std::unique_ptr<Device> own) : device(std::move(own)) {}

    std::unique_ptr<Device> device;
    absl::flat_hash_map<std::string, uint64_t> offsets;  // of payloads, in bytes
    uint64_t end = 0;                                    // of all of them
    WorkerPool thread{1};                                // calls the device
  };

  static absl::Status Transfer(IoRequest::Op op, const Batch& batch, const std::vector<uint64_t>& offsets,
                               Device* device);
  static absl::Status PutOn(const Batch& batch, Lane* lane);
  static absl::Status GetFrom(const Batch& batch, Lane* lane);
  static absl::Status FlushDevice(Device* device);

  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_DEVICE_PEER_H_
