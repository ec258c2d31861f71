// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_BYTE_SOURCE_H_
#define SLOTWISE_TOOLS_TRACES_BYTE_SOURCE_H_

#include <cstddef>
#include <span>

#include "absl/status/statusor.h"

namespace slotwise {

// Bytes that are read once, from the first to the last.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Fills `out` with the next bytes. Returns how many there were: fewer than
  // out.size() only at the end, and 0 from then on. An error names the source;
  // nothing may be read after it.
  virtual absl::StatusOr<size_t> Read(std::span<char> out) = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_BYTE_SOURCE_H_
