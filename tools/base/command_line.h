// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_COMMAND_LINE_H_
#define SLOTWISE_TOOLS_BASE_COMMAND_LINE_H_

#include "absl/status/status.h"

namespace slotwise {

// What main() of a program does: sends the log to standard error, and returns what `run` returns. Aborts, saying why,
// if `run` throws, as CLI11 does where a program declares its options wrongly.
int RunMain(int argc, char** argv, int (*run)(int argc, char** argv));

// `status`, an error, with `option` before its message: "--scale: ...".
absl::Status InOption(const char* option, const absl::Status& status);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_COMMAND_LINE_H_
