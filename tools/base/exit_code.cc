// SPDX-License-Identifier: Apache-2.0
#include "tools/base/exit_code.h"

#include <iostream>

namespace slotwise {

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kDone;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kResourceExhausted:
      return ExitCode::kUsage;
    default:
      return ExitCode::kFailed;
  }
}

ExitCode Fail(const absl::Status& status, ExitCode code) {
  std::cerr << "slotwise: " << status.message() << "\n";
  return code;
}

ExitCode Fail(const absl::Status& status) { return Fail(status, ExitCodeOf(status)); }

}  // namespace slotwise
