// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_REQUIREMENT_H_
#define SLOTWISE_ALLOCATOR_REQUIREMENT_H_

#include <cstdio>
#include <cstdlib>

namespace slotwise {

// Aborts, with `broken` on standard error, unless `holds`. As CHECK, but for headers: it brings no logging library into
// what includes them.
inline void Require(bool holds, const char* broken) {
  if (holds) [[likely]] {
    return;
  }
  std::fprintf(stderr, "Check failed: %s\n", broken);
  std::abort();
}

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_REQUIREMENT_H_
