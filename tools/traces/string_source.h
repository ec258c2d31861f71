// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_STRING_SOURCE_H_
#define SLOTWISE_TOOLS_TRACES_STRING_SOURCE_H_

#include <string>
#include <utility>

#include "tools/traces/byte_source.h"

namespace slotwise {

// The bytes of a string.
class StringSource : public ByteSource {
 public:
  explicit StringSource(std::string bytes) : bytes_(std::move(bytes)) {}

  absl::StatusOr<size_t> Read(std::span<char> out) override {
    const size_t count = bytes_.copy(out.data(), out.size(), read_);
    read_ += count;
    return count;
  }

 private:
  std::string bytes_;
  size_t read_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_STRING_SOURCE_H_
