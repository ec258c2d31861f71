// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_CHECK_COMMAND_H_
#define SLOTWISE_TOOLS_CHECK_COMMAND_H_

#include <string>

#include "tools/exit_code.h"

namespace slotwise {

// The options of `slotwise check`.
struct CheckArguments {
  std::string device;
  bool payloads = true;  // verify every checksum, not only the metadata
  bool json = false;     // report as JSON
  bool buffered = false;
};

// `slotwise check`: kDone when all is well, kFailed when anything is wrong;
// which, stands on standard output. Changes nothing.
ExitCode RunCheck(const CheckArguments& arguments);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_CHECK_COMMAND_H_
