// SPDX-License-Identifier: Apache-2.0
#include "iouring/system/errno_status.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace slotwise {
namespace {

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case EIO:
    case EREMOTEIO:
    case EILSEQ:
    case EBADMSG:
    case EUCLEAN:
    case ENODATA:
      return absl::StatusCode::kDataLoss;
    case ENODEV:
    case ENXIO:
      return absl::StatusCode::kUnavailable;
    case EROFS:
      return absl::StatusCode::kFailedPrecondition;
    case EAGAIN:
    case EBUSY:
    case ECANCELED:
    case EINTR:
    case ENOBUFS:
    case ENOMEM:
    case ETIME:
    case ETIMEDOUT:
      return absl::StatusCode::kAborted;
    case EDEADLK:
    case ESTALE:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::ErrnoToStatusCode(error);
  }
}

// The words and the name are null for a number that the C library does not know.
std::string Describe(int error) {
  const char* words = strerrordesc_np(error);
  const char* name = strerrorname_np(error);
  return absl::StrCat(words != nullptr ? words : "unknown error", " (", name != nullptr ? name : "no name", ", errno ",
                      error, ")");
}

}  // namespace

absl::Status ErrnoStatus(int error, std::string_view what) {
  CHECK_GT(error, 0);
  return absl::Status(CodeOf(error), absl::StrCat(absl::string_view(what.data(), what.size()), ": ", Describe(error)));
}

bool IsTransient(int error) { return CodeOf(error) == absl::StatusCode::kAborted; }

bool IsTransient(const absl::Status& status) { return absl::IsAborted(status); }

}  // namespace slotwise
