// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_DISK_PAYLOAD_TRANSFER_H_
#define SLOTWISE_RAWBLOCK_DISK_PAYLOAD_TRANSFER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "allocator/extent.h"
#include "iouring/aligned_buffer.h"
#include "iouring/device.h"
#include "rawblock/disk/layout.h"

namespace slotwise {

// Moves one payload between memory and the extents of its placement, one
// request per extent. The whole blocks are moved in place; a last block that
// the payload does not fill goes through a block of zeros, so that no stale
// byte reaches the device and none past the payload reaches the caller.
//
// Reusable, one payload at a time; must not move while one is under way.
class PayloadTransfer {
 public:
  PayloadTransfer() = default;
  PayloadTransfer(const PayloadTransfer&) = delete;
  PayloadTransfer& operator=(const PayloadTransfer&) = delete;

  // Starts; `done` is called from Device::Poll when all extents are through.
  // Everything is borrowed until then. `payload` starts on an aligned address,
  // and `placement` has room for it.
  // A read may also write the rest of the last block into memory between
  // payload.size() and `room` bytes, the memory that follows payload's start.
  void Start(IoRequest::Op op, const Layout& layout, const Placement& placement, std::span<std::byte> payload,
             size_t room, Device* device, absl::AnyInvocable<void()> done);

  // Touches the payload no more, and never calls `done`. The device may still
  // move what it was given.
  void Abandon() { abandoned_ = true; }

  // Of the first extent that failed.
  const absl::Status& status() const { return status_; }
  // Moved to or from the device, padding included.
  uint64_t device_bytes() const { return device_bytes_; }

 private:
  struct Piece : IoRequest {
    PayloadTransfer* owner;
    std::array<iovec, 2> parts;
  };

  void SubmitPiece(IoRequest::Op op, uint64_t offset, std::span<std::byte> bytes, bool through_tail);
  std::span<std::byte> Tail(IoRequest::Op op, std::span<const std::byte> bytes);
  static void PieceDone(IoRequest* request);
  void Finish();

  std::array<Piece, Placement::kMaxExtents> pieces_;
  size_t pieces_used_ = 0;
  size_t pieces_outstanding_ = 0;
  uint32_t block_bytes_ = 0;
  uint64_t device_bytes_ = 0;
  AlignedBuffer tail_;                // one block, allocated when first needed
  std::span<std::byte> tail_target_;  // where a read's tail belongs
  Device* device_ = nullptr;
  absl::Status status_;
  absl::AnyInvocable<void()> done_;
  bool abandoned_ = false;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_DISK_PAYLOAD_TRANSFER_H_
