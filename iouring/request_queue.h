// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_REQUEST_QUEUE_H_
#define SLOTWISE_IOURING_REQUEST_QUEUE_H_

#include <cstdint>

#include "iouring/device.h"
#include "iouring/transfer.h"

namespace slotwise {

// The requests of a device, from Submit to done: cuts each into parts that the
// device takes at once, first in, first out, and joins it again when the last of
// its parts has ended. Parts of one request may travel side by side and end in
// any order. When one fails, or the request is given up, those that have not
// begun never do, and the request ends with that failure, or with kCancelled.
//
// The list goes through the requests themselves, so there is no limit and
// nothing is allocated. Pure: it knows no system calls.
class RequestQueue {
 public:
  // REQUIRES: `alignment` is a power of two, and `part_bytes_max` > 0 a
  // multiple of it.
  RequestQueue(uint32_t alignment, uint64_t part_bytes_max);

  int in_flight() const { return in_flight_; }  // requests pushed and not ended

  // Takes `request`, whose buffers hold `length` bytes. O(1).
  void Push(IoRequest* request, uint64_t length);

  // Gives `request` up: no part of it begins from the next TakeGivenUp on. O(1).
  // REQUIRES: it was pushed, and has not ended.
  void GiveUp(IoRequest* request);
  // Whether one was given up since the last TakeGivenUp.
  bool has_given_up() const { return has_given_up_; }
  // Ends a request that was given up before any part of it had begun, and returns it; null when there is none. The
  // others that were given up end with their last part. O(requests that wait) after a GiveUp, else O(1).
  IoRequest* TakeGivenUp();

  bool has_part() const { return first_ != nullptr; }  // one that may begin
  // Begins the next part, as `transfer`. O(buffers of its request).
  // REQUIRES: has_part().
  void Start(Transfer* transfer);

  // Ends a part. Returns its request, with the status set, if that was its last part; else null. O(1).
  IoRequest* End(const Transfer& transfer);

 private:
  void Pop();
  void Unlink();

  uint32_t alignment_;
  uint64_t part_bytes_max_;
  int in_flight_ = 0;
  IoRequest* first_ = nullptr;  // those with parts that have not begun; only the first has others
  IoRequest* last_ = nullptr;
  bool has_given_up_ = false;
  IoRequest* given_up_ = nullptr;  // those to end, of which nothing has begun
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_REQUEST_QUEUE_H_
