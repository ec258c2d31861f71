// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_SYSTEM_ERRNO_STATUS_H_
#define SLOTWISE_IOURING_SYSTEM_ERRNO_STATUS_H_

#include <string_view>

#include "absl/status/status.h"

namespace slotwise {

// "<what>: <the system's words> (EIO, errno 5)", under the code that callers
// decide on. Media errors (EIO, EREMOTEIO, EILSEQ, EBADMSG, EUCLEAN, ENODATA)
// are kDataLoss; a device that has gone (ENODEV, ENXIO) is kUnavailable, never
// kNotFound, which means a missing path; a read-only file system is
// kFailedPrecondition. What may succeed when it is tried again (EAGAIN, EBUSY,
// ECANCELED, EINTR, ENOBUFS, ENOMEM, ETIME, ETIMEDOUT) is kAborted, and nothing
// else is. All others follow absl::ErrnoToStatusCode.
// REQUIRES: error > 0.
absl::Status ErrnoStatus(int error, std::string_view what);

// Whether the same call may succeed a little later, though nothing was mended. The code alone says so, so that a status
// keeps it when words are added. A request that Device::Cancel gave up (kCancelled) is none of these.
bool IsTransient(int error);  // an errno
bool IsTransient(const absl::Status& status);

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_SYSTEM_ERRNO_STATUS_H_
