// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_MEMORY_LIMIT_H_
#define SLOTWISE_TOOLS_BASE_MEMORY_LIMIT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace slotwise {

// How much memory this process may have, in bytes: what the machine has, its control group may use (version 2, as a
// container sees it) and RLIMIT_AS lets it map, whichever is least.
uint64_t MemoryLimit();

// For an option that decides how much memory will be taken: InvalidArgument if `count` things of `bytes_each` take more
// than half of the limit. `what` is the option and its value, for the message. Ask before anything is done.
absl::Status CheckMemory(absl::string_view what, uint64_t count, uint64_t bytes_each);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_MEMORY_LIMIT_H_
