// SPDX-License-Identifier: Apache-2.0
// Fuzzes UringDevice against a kernel that does whatever the input says:
// iouring/testing/scripted_run.h has its format.
#include <cstddef>
#include <cstdint>

#include "iouring/testing/scripted_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  slotwise::RunScripted({data, size});
  return 0;
}
