// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_CLI_INFO_COMMAND_H_
#define SLOTWISE_TOOLS_CLI_INFO_COMMAND_H_

#include <string>

#include "tools/base/exit_code.h"

namespace slotwise {

// The options of `slotwise info`.
struct InfoArguments {
  std::string device;
  bool json = false;  // report as JSON
  bool buffered = false;
};

// `slotwise info`: says on standard output what store the device holds, how full
// and how fragmented it is, and which sizes it holds. Changes nothing.
ExitCode RunInfo(const InfoArguments& arguments);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_CLI_INFO_COMMAND_H_
