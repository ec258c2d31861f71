// SPDX-License-Identifier: Apache-2.0
// Fuzzes UringDevice against a kernel that does whatever the input says:
// iouring/made_up_run.h has its format.
#include <cstddef>
#include <cstdint>

#include "iouring/made_up_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  slotwise::RunMadeUp({data, size});
  return 0;
}
