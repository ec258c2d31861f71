// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_LINE_READER_H_
#define SLOTWISE_TOOLS_TRACES_LINE_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/traces/byte_source.h"

namespace slotwise {

// The lines of a trace that has one request in each. Holds one line and what
// was read beyond it, O(line_bytes_max).
class LineReader {
 public:
  // Reads from `source`, which is borrowed; errors call it `name`.
  LineReader(ByteSource* source, std::string name, size_t line_bytes_max)
      : source_(source), name_(std::move(name)), line_bytes_max_(line_bytes_max) {}

  // The next line without its '\n', which the last one need not have, or
  // nullopt at the end. Good until the next call. InvalidArgument
  // "NAME:LINE: ..." if it is longer than line_bytes_max; errors of the source.
  absl::StatusOr<std::optional<std::string_view>> Next();

  // "NAME:LINE: " of the line that Next gave last.
  std::string Where() const;

 private:
  // Where the next '\n' is in buffer_, or its end if the source has no more.
  absl::StatusOr<size_t> FindEnd();
  // Moves what is unread to the front of buffer_ and reads more behind it.
  absl::Status Fill();
  absl::Status TooLong() const;

  ByteSource* source_;
  std::string name_;
  size_t line_bytes_max_;
  std::string buffer_;
  size_t begin_ = 0;  // of what is unread in buffer_
  bool ended_ = false;
  uint64_t line_number_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_LINE_READER_H_
