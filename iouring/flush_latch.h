// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_FLUSH_LATCH_H_
#define SLOTWISE_IOURING_FLUSH_LATCH_H_

#include "absl/status/status.h"
#include "iouring/device.h"

namespace slotwise {

// Makes the failure of a flush stick. The kernel reports a failed write-back
// once and may forget the data, so that the next fsync succeeds without it
// (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC
// 2020). After one failure, therefore, no flush of this device succeeds.
class FlushLatch {
 public:
  // REQUIRES: `request` has ended and its status is set.
  void Settle(IoRequest* request) {
    if (request->op != IoRequest::Op::kFlush) return;
    if (failure_.ok()) failure_ = request->status;
    request->status = failure_;
  }

 private:
  absl::Status failure_;  // of the first flush that failed
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_FLUSH_LATCH_H_
