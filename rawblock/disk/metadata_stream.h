// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_DISK_METADATA_STREAM_H_
#define SLOTWISE_RAWBLOCK_DISK_METADATA_STREAM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "iouring/aligned_buffer.h"
#include "iouring/device.h"

namespace slotwise {

// Reads a region of a device from front to back in constant memory: two windows,
// of which one is read, in several large requests that are in flight together,
// while the other is consumed. A block that cannot be read shows as zeros: one bad
// sector must not cost more than it held. Nothing else may be in flight on the device.
// One thread.
class MetadataStream {
 public:
  // `device` is borrowed. `offset` and `bytes` are multiples of its alignment.
  MetadataStream(Device* device, uint64_t offset, uint64_t bytes);
  // Waits for what it has in flight.
  ~MetadataStream();
  MetadataStream(const MetadataStream&) = delete;
  MetadataStream& operator=(const MetadataStream&) = delete;

  // The next bytes: at least format::kGroupBytesMax, or all that are left. Valid until the next Peek. Blocks when the
  // device is slower than the caller.
  absl::StatusOr<std::span<const std::byte>> Peek();
  // Goes on by `bytes`, of those that Peek showed. O(1).
  void Skip(uint64_t bytes) { taken_ += bytes; }
  // The blocks seen so far that could not be read: their places on the device, in bytes.
  const std::vector<uint64_t>& unreadable() const { return unreadable_; }

  // What is read alone where reading more at once fails, in bytes; more if the device's alignment is.
  static constexpr uint32_t kBlockBytes = 4096;

 private:
  static constexpr size_t kRequests = 4;
  static constexpr size_t kRequestBytes = 1 << 20;

  // The bytes that the last window left over stand before what is read.
  struct Window {
    AlignedBuffer buffer;
    size_t bytes = 0;  // read, or being read
    std::array<IoRequest, kRequests> requests;
    std::array<iovec, kRequests> buffers;
  };

  void StartRead(Window* window);
  absl::Status Await();
  absl::Status NextWindow();
  // Reads again, block by block, what a request of `window` could not read.
  absl::Status ReadBlocks(IoRequest* request);
  std::span<const std::byte> Unread() const;

  Device* const device_;
  uint64_t offset_;  // of what is read next
  uint64_t left_;    // bytes from there on
  std::array<Window, 2> windows_;
  size_t current_ = 0;
  size_t begin_ = 0;  // of what the current window shows
  size_t taken_ = 0;  // from there on
  std::vector<uint64_t> unreadable_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_DISK_METADATA_STREAM_H_
