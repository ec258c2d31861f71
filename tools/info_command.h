// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_INFO_COMMAND_H_
#define SLOTWISE_TOOLS_INFO_COMMAND_H_

#include <string>

#include "tools/exit_code.h"

namespace slotwise {

// `slotwise info`: says on standard output what store `device` holds and how
// full it is. Changes nothing.
ExitCode RunInfo(const std::string& device, bool buffered);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_INFO_COMMAND_H_
