// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_TESTING_MEMORY_DEVICE_H_
#define SLOTWISE_RAWBLOCK_TESTING_MEMORY_DEVICE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "iouring/device.h"

namespace slotwise {

// A device in memory, for tests and benchmarks: as fast as memory, with bytes
// that can be damaged from outside and requests that can be made to fail. Memory
// that was never written is not taken from the system. One thread.
class MemoryDevice final : public Device {
 public:
  static constexpr uint32_t kAlignment = 4096;

  // Asked about each request when its turn comes; what is not OK becomes its
  // status, and nothing is moved.
  using Fault = std::function<absl::Status(const IoRequest&)>;

  // Asked about each request at every Poll: while it says yes, the request waits, and those behind it do not.
  using Hold = std::function<bool(const IoRequest&)>;

  // `size` in bytes, a multiple of kAlignment. From the byte `blank_from` on the
  // device forgets what is written and reads as zeros, so that payloads, if all
  // are zeros, need no memory.
  explicit MemoryDevice(uint64_t size, uint64_t blank_from = std::numeric_limits<uint64_t>::max());
  MemoryDevice(const MemoryDevice&) = delete;
  MemoryDevice& operator=(const MemoryDevice&) = delete;
  ~MemoryDevice() override;

  // What the device holds, up to `blank_from`.
  std::span<std::byte> bytes() { return bytes_; }
  void set_fault(Fault fault) { fault_ = std::move(fault); }
  void set_hold(Hold hold) { hold_ = std::move(hold); }
  // So far.
  uint64_t bytes_read() const { return bytes_read_; }

  uint64_t size() const override { return size_; }
  uint32_t alignment() const override { return kAlignment; }
  int queue_depth() const override { return 64; }
  int in_flight() const override { return static_cast<int>(queue_.size() + ending_); }
  void Submit(IoRequest* request) override;
  // Performs all that was queued when it was called and is not held.
  absl::Status Poll(absl::Duration timeout) override;
  absl::Status Close() override;

 private:
  void Perform(const IoRequest& request);

  const uint64_t size_;
  std::span<std::byte> bytes_;
  Fault fault_;
  Hold hold_;
  uint64_t bytes_read_ = 0;
  std::vector<IoRequest*> queue_;
  size_t ending_ = 0;  // performed, and not told yet
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_TESTING_MEMORY_DEVICE_H_
