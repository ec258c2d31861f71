// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_EXIT_CODE_H_
#define SLOTWISE_TOOLS_BASE_EXIT_CODE_H_

#include "absl/status/status.h"

namespace slotwise {

// What a command tells its caller.
enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,  // it could not be done, or what was found is not as it should be
  kUsage = 2,   // what was asked for makes no sense, or not with this device or file; nothing was changed
};

// kDone for OK, kUsage for the errors that asking for something else avoids,
// kFailed for damage and failures of the machine.
ExitCode ExitCodeOf(const absl::Status& status);

// Prints "slotwise: " and the message on standard error. Returns `code`.
ExitCode Fail(const absl::Status& status, ExitCode code);
// The same with the status's own code.
ExitCode Fail(const absl::Status& status);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_EXIT_CODE_H_
