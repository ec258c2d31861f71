// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_BYTE_SIZE_H_
#define SLOTWISE_TOOLS_BASE_BYTE_SIZE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace slotwise {

// Sizes as people write them: "4096", "64M", "64MiB", "1.5GiB". Units are
// binary and upper case: K, M, G, T, each alone or followed by "iB". A fraction
// must come out as whole bytes. Decimal units ("64MB"), signs and spaces are
// refused. InvalidArgument with the text and what was expected otherwise.
absl::StatusOr<uint64_t> ParseByteSize(std::string_view text);

// The same size for people, in the largest unit not above it and at most two
// digits after the point: "1.5 GiB". Rounded, so not for ParseByteSize.
std::string FormatByteSize(uint64_t bytes);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_BYTE_SIZE_H_
