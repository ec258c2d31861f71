// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_SCALE_H_
#define SLOTWISE_TOOLS_TRACES_SCALE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace slotwise {

// By how much the payloads of a model shrink so that a run fits a small disk:
// 1/256 of their size, or 1/1. A fraction, not a double: what was asked for is
// what is printed and stored.
struct Scale {
  uint32_t numerator = 1;
  uint32_t denominator = 1;

  std::string ToString() const;

  friend bool operator==(const Scale&, const Scale&) = default;
};

// "1/256" or "1": positive, at most 1, both parts below 2^32. InvalidArgument
// with the text and what was expected otherwise.
absl::StatusOr<Scale> ParseScale(std::string_view text);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_SCALE_H_
