// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/line_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace slotwise {
namespace {

constexpr size_t kPieceBytes = size_t{128} << 10;

}  // namespace

absl::StatusOr<std::optional<std::string_view>> LineReader::Next() {
  ++line_number_;
  const absl::StatusOr<size_t> end = FindEnd();
  if (!end.ok()) return end.status();
  if (*end - begin_ > line_bytes_max_) return TooLong();
  if (*end == buffer_.size() && *end == begin_) return std::nullopt;
  const std::string_view line = std::string_view(buffer_).substr(begin_, *end - begin_);
  begin_ = std::min(*end + 1, buffer_.size());
  return line;
}

absl::StatusOr<size_t> LineReader::FindEnd() {
  size_t searched = begin_;
  for (;;) {
    const size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos) return end;
    if (ended_) return buffer_.size();
    if (buffer_.size() - begin_ > line_bytes_max_) return TooLong();
    searched = buffer_.size() - begin_;
    if (absl::Status status = Fill(); !status.ok()) return status;
  }
}

absl::Status LineReader::Fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const size_t kept = buffer_.size();
  buffer_.resize(kept + kPieceBytes);
  const absl::StatusOr<size_t> count = source_->Read({buffer_.data() + kept, kPieceBytes});
  if (!count.ok()) return count.status();
  buffer_.resize(kept + *count);
  ended_ = *count < kPieceBytes;
  return absl::OkStatus();
}

std::string LineReader::Where() const { return absl::StrCat(name_, ":", line_number_, ": "); }

absl::Status LineReader::TooLong() const {
  return absl::InvalidArgumentError(
      absl::StrCat(Where(), "is longer than ", line_bytes_max_, " bytes; a trace has one request a line"));
}

}  // namespace slotwise
