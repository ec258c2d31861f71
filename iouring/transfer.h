// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_TRANSFER_H_
#define SLOTWISE_IOURING_TRANSFER_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "iouring/advance.h"
#include "iouring/device.h"

namespace slotwise {

// One request on its way through a real device, piece by piece. A piece is what
// one system call or queue entry asks for: a run of the request's own iovecs,
// borrowed as they are, or a part of a single one. So a request is cut up and
// resumed without copying its iovecs.
//
// Use: Start; then Aim and hand piece() to the kernel until Advance is true.
class Transfer {
 public:
  // REQUIRES: `length` is the bytes in the buffers of `request`.
  void Start(IoRequest* request, uint64_t length, uint32_t alignment);

  // Chooses the next piece, of at most `bytes_max` bytes. O(buffers).
  // REQUIRES: `bytes_max` > 0 is a multiple of the alignment.
  void Aim(uint64_t bytes_max);

  IoRequest* request() const { return request_; }
  // Of the piece. Valid until the next Aim.
  uint64_t offset() const { return request_->offset + progress_.moved; }
  std::span<const iovec> piece() const;

  // Takes the kernel's answer to the piece: bytes or a negative errno. True when
  // the request has ended, with its status set; `path` names the device in it.
  bool Advance(int64_t result, std::string_view path);

 private:
  IoRequest* request_ = nullptr;
  TransferProgress progress_;
  uint64_t asked_ = 0;  // bytes in the piece
  size_t first_ = 0;    // the piece is the iovecs [first_, first_ + count_),
  size_t count_ = 0;    // or part_ alone if there are none
  iovec part_ = {};
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_TRANSFER_H_
