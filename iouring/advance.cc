// SPDX-License-Identifier: Apache-2.0
#include "iouring/advance.h"

#include <cerrno>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "iouring/system/errno_status.h"

namespace slotwise {
namespace {

constexpr int64_t kErrnoMax = 4095;  // the kernel's own limit, MAX_ERRNO

std::string Where(const TransferProgress& progress) {
  if (progress.length == 0) return "refused by the system";
  return absl::StrCat("after ", progress.moved, " of ", progress.length, " bytes");
}

Advanced Failed(absl::Status status) { return {NextStep::kFailed, std::move(status)}; }

// Of the transient errors those that may have passed by the next attempt.
bool IsMomentary(int error) { return error == EINTR || error == EAGAIN || error == EBUSY; }

bool MayRetry(TransferProgress* progress) { return progress->retries++ < kRetriesMax; }

Advanced AfterError(int error, TransferProgress* progress) {
  if (IsMomentary(error) && MayRetry(progress)) return {NextStep::kResume, absl::OkStatus()};
  return Failed(ErrnoStatus(error, Where(*progress)));
}

Advanced AfterEnd(const TransferProgress& progress) {
  return Failed(absl::DataLossError(absl::StrCat(
      Where(progress), ": the device ends here; it has become smaller since it was opened, so restore its size")));
}

Advanced AfterBytes(uint64_t bytes, TransferProgress* progress) {
  const uint64_t whole = bytes & ~uint64_t{progress->alignment - 1};
  if (whole == 0 && !MayRetry(progress)) return AfterEnd(*progress);
  if (whole > 0) progress->retries = 0;
  progress->moved += whole;
  return {progress->moved == progress->length ? NextStep::kDone : NextStep::kResume, absl::OkStatus()};
}

}  // namespace

Advanced Advance(uint64_t asked, int64_t result, TransferProgress* progress) {
  if (result < -kErrnoMax || (result > 0 && static_cast<uint64_t>(result) > asked)) {
    return Failed(absl::InternalError(
        absl::StrCat(Where(*progress), ": the kernel answered ", result, " to a request of ", asked, " bytes")));
  }
  if (result < 0) return AfterError(static_cast<int>(-result), progress);
  if (asked == 0) {
    progress->retries = 0;
    return {};
  }
  if (result == 0) return AfterEnd(*progress);
  return AfterBytes(static_cast<uint64_t>(result), progress);
}

}  // namespace slotwise
