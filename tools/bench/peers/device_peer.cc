// SPDX-License-Identifier: Apache-2.0
#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "iouring/device.h"
#include "iouring/open_device.h"
#include "tools/bench/peers/peer_device.h"
#include "tools/bench/peers/peers.h"
#include "tools/bench/peers/worker_pool.h"

namespace slotwise {
namespace {

absl::Status Finish(Device* device) {
  while (device->in_flight() > 0) {
    if (absl::Status polled = device->Poll(absl::InfiniteDuration()); !polled.ok()) return polled;
  }
  return absl::OkStatus();
}

void Ignore(IoRequest*) {}

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

absl::StatusOr<std::unique_ptr<Peer>> DevicePeer::Open(const PeerOptions& options) {
  auto peer = std::make_unique<DevicePeer>();
  for (const std::string& path : options.devices) {
    absl::StatusOr<OpenedDevice> opened = OpenDevice(path, PeerDeviceOptions());
    if (!opened.ok()) return opened.status();
    if (opened->uring != nullptr) {
      if (absl::Status registered = opened->uring->Register(options.memory); !registered.ok()) return registered;
    }
    peer->lanes_.push_back(std::make_unique<Lane>(std::move(opened->device)));
  }
  return peer;
}

absl::Status DevicePeer::Put(const Batch& batch) {
  Lane* lane = lanes_[static_cast<size_t>(batch.submitter)].get();
  return lane->thread.Run(1, [&](size_t) { return PutOn(batch, lane); });
}

absl::Status DevicePeer::PutOn(const Batch& batch, Lane* lane) {
  std::vector<uint64_t> offsets;
  for (size_t i = 0; i < batch.keys.size(); ++i) {
    const auto [place, absent] = lane->offsets.try_emplace(batch.keys[i], lane->end);
    if (absent) lane->end += batch.payload(i).size();
    offsets.push_back(place->second);
  }
  return Transfer(IoRequest::Op::kWrite, batch, offsets, lane->device.get());
}

absl::Status DevicePeer::Get(const Batch& batch) {
  Lane* lane = lanes_[static_cast<size_t>(batch.submitter)].get();
  return lane->thread.Run(1, [&](size_t) { return GetFrom(batch, lane); });
}

absl::Status DevicePeer::GetFrom(const Batch& batch, Lane* lane) {
  std::vector<uint64_t> offsets;
  for (const std::string& key : batch.keys) {
    const auto found = lane->offsets.find(key);
    if (found == lane->offsets.end()) return absl::NotFoundError(absl::StrCat("never put: ", key));
    offsets.push_back(found->second);
  }
  return Transfer(IoRequest::Op::kRead, batch, offsets, lane->device.get());
}

absl::Status DevicePeer::Transfer(IoRequest::Op op, const Batch& batch, const std::vector<uint64_t>& offsets,
                                  Device* device) {
  std::vector<iovec> buffers(offsets.size());
  std::vector<IoRequest> requests(offsets.size());
  for (size_t i = 0; i < offsets.size(); ++i) {
    buffers[i] = {.iov_base = batch.payload(i).data(), .iov_len = batch.payload(i).size()};
    requests[i].op = op;
    requests[i].offset = offsets[i];
    requests[i].buffers = {&buffers[i], 1};
    requests[i].done = &Ignore;
    device->Submit(&requests[i]);
  }
  absl::Status status = Finish(device);
  for (const IoRequest& request : requests) status.Update(request.status);
  return status;
}

absl::Status DevicePeer::Flush() {
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    absl::Status flushed = lane->thread.Run(1, [&](size_t) { return FlushDevice(lane->device.get()); });
    if (!flushed.ok()) return flushed;
  }
  return absl::OkStatus();
}

absl::Status DevicePeer::FlushDevice(Device* device) {
  IoRequest flush;
  flush.op = IoRequest::Op::kFlush;
  flush.done = &Ignore;
  device->Submit(&flush);
  absl::Status status = Finish(device);
  status.Update(flush.status);
  return status;
}

absl::Status DevicePeer::PrepareGets(ReadPath) { return absl::OkStatus(); }

absl::Status DevicePeer::Close() {
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    absl::Status closed = lane->thread.Run(1, [&](size_t) { return lane->device->Close(); });
    if (!closed.ok()) return closed;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Peer>> OpenDevicePeer(const PeerOptions& options) { return DevicePeer::Open(options); }

}  // namespace slotwise
