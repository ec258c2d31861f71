// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_TRANSFER_H_
#define SLOTWISE_IOURING_TRANSFER_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "iouring/advance.h"
#include "iouring/device.h"

namespace slotwise {

// Of a request that Device::Cancel has ended.
absl::Status GivenUpError();

// A part of a request on its way through a real device, piece by piece. A piece
// is what one system call or queue entry asks for: a run of the request's own
// iovecs, borrowed as they are, or a part of a single one. So a request is cut
// up and resumed without copying its iovecs. The first piece is the whole part;
// there are more only when the kernel stops short.
//
// Use: Start; then hand piece() to the kernel until Advance is true.
class Transfer {
 public:
  // The part of `request` that follows its first `begun` bytes: as much of one buffer, or as many whole buffers, as
  // `bytes_max` allows. O(buffers).
  // REQUIRES: `bytes_max` > 0 and `begun` are multiples of `alignment`.
  void Start(IoRequest* request, uint64_t begun, uint64_t bytes_max, uint32_t alignment);

  IoRequest* request() const { return request_; }       // null before Start and after Forget
  uint64_t length() const { return progress_.length; }  // bytes of the part
  // Of the piece. Valid until the next Advance.
  uint64_t offset() const { return request_->offset + moved(); }
  std::span<const iovec> piece() const;

  // Takes the kernel's answer to the piece: bytes or a negative errno. True when
  // the part has ended; else there is another piece. `path` names the device in
  // the status.
  bool Advance(int64_t result, std::string_view path);
  // Ends the part, whatever Advance made of it, as given up.
  void GiveUp() { status_ = GivenUpError(); }
  // Of the part that has ended.
  const absl::Status& status() const { return status_; }
  // Forgets its request, which may die.
  void Forget() { request_ = nullptr; }

 private:
  uint64_t moved() const { return begun_ + progress_.moved; }
  void Aim(uint64_t bytes_max);

  IoRequest* request_ = nullptr;
  uint64_t begun_ = 0;  // bytes of the request before this part
  TransferProgress progress_;
  uint64_t asked_ = 0;  // bytes in the piece
  size_t first_ = 0;    // the piece is the iovecs [first_, first_ + count_),
  size_t count_ = 0;    // or part_ alone if there are none
  iovec part_ = {};
  absl::Status status_;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_TRANSFER_H_
