// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_CLI_FORMAT_COMMAND_H_
#define SLOTWISE_TOOLS_CLI_FORMAT_COMMAND_H_

#include "tools/base/exit_code.h"
#include "tools/stores/store_arguments.h"

namespace slotwise {

// `slotwise format`: makes an empty store of a device, creating a missing file
// but never growing an existing one. Refuses a device whose head is not blank,
// unless forced. Says on standard output what it made.
ExitCode RunFormat(const StoreArguments& arguments);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_CLI_FORMAT_COMMAND_H_
