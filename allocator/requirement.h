// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_REQUIREMENT_H_
#define SLOTWISE_ALLOCATOR_REQUIREMENT_H_

namespace slotwise {

// Logs `broken`, which lives for ever, and aborts.
[[noreturn]] void RequirementBroken(const char* broken);

// A check for headers: as CHECK, but it brings no logging library into what includes them.
constexpr void Require(bool holds, const char* broken) {
  if (!holds) [[unlikely]] {
    RequirementBroken(broken);
  }
}

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_REQUIREMENT_H_
