// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_CLI_CHECK_COMMAND_H_
#define SLOTWISE_TOOLS_CLI_CHECK_COMMAND_H_

#include <string>

#include "rawblock/make/store_check.h"
#include "tools/base/exit_code.h"

namespace slotwise {

// The options of `slotwise check`.
struct CheckArguments {
  std::string device;
  StoreCheckOptions check;
  bool json = false;  // report as JSON
  bool buffered = false;
};

// `slotwise check`: kDone when all is well, or was repaired; kFailed when
// anything is wrong. What, stands on standard output. Changes nothing but to
// repair.
ExitCode RunCheck(const CheckArguments& arguments);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_CLI_CHECK_COMMAND_H_
