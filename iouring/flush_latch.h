// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_FLUSH_LATCH_H_
#define SLOTWISE_IOURING_FLUSH_LATCH_H_

#include "absl/status/status.h"
#include "iouring/device.h"
#include "iouring/system/errno_status.h"

namespace slotwise {

// Makes the failure of a flush stick. The kernel reports a failed write-back
// once and may forget the data, so that the next fsync succeeds without it
// (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC
// 2020). After one failure, therefore, no flush of this device succeeds.
//
// A failure that says that the flush did not come to pass, since it was given
// up or a resource was missing for a moment, does not stick: the next flush does
// it all. With a page cache in between it does, as the cache may have met the
// same want while it wrote back, and forgets as it does after any other.
class FlushLatch {
 public:
  explicit FlushLatch(bool page_cache) : page_cache_(page_cache) {}

  // REQUIRES: `request` has ended and its status is set.
  void Settle(IoRequest* request) {
    if (request->op != IoRequest::Op::kFlush) return;
    if (failure_.ok() && Sticks(request->status)) failure_ = request->status;
    if (!failure_.ok()) request->status = failure_;
  }

 private:
  bool Sticks(const absl::Status& status) const {
    return !absl::IsCancelled(status) && (page_cache_ || !IsTransient(status));
  }

  bool page_cache_;
  absl::Status failure_;  // of the first flush that failed
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_FLUSH_LATCH_H_
