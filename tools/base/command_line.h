// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_COMMAND_LINE_H_
#define SLOTWISE_TOOLS_BASE_COMMAND_LINE_H_

#include "absl/status/status.h"

namespace slotwise {

// What main() of a program does. Sees to it that the standard descriptors are open (see OpenStandardDescriptors), sends
// the log to standard error, and returns what `run` returns; kFailed instead of kDone, saying why, if what `run` wrote
// to std::cout did not arrive, or if memory is out. Aborts, saying why, if `run` throws anything else, as CLI11 does
// where a program declares its options wrongly.
int RunMain(int argc, char** argv, int (*run)(int argc, char** argv));

// `status`, an error, with `option` before its message: "--scale: ...".
absl::Status InOption(const char* option, const absl::Status& status);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_COMMAND_LINE_H_
