// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/csv_trace.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tools/traces/csv_fields.h"
#include "xxhash.h"

namespace slotwise {
namespace {

constexpr std::array<std::string_view, 2> kTimeNames = {"time", "timestamp"};
constexpr std::array<std::string_view, 3> kIdNames = {"id", "obj_id", "key"};
constexpr std::array<std::string_view, 2> kSizeNames = {"size", "obj_size"};
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// A whole number below 2^64 without sign, space or leading zero.
std::optional<uint64_t> CanonicalNumber(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool IsNumber(const std::string& text) {
  double value = 0;
  return CanonicalNumber(text) || (absl::SimpleAtod(text, &value) && std::isfinite(value));
}

// The field of `fields` that is one of `names`.
absl::StatusOr<std::optional<size_t>> FindColumn(const std::vector<std::string>& fields,
                                                 std::span<const std::string_view> names) {
  std::optional<size_t> found;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (std::find(names.begin(), names.end(), absl::AsciiStrToLower(fields[i])) == names.end()) continue;
    if (found) {
      return absl::InvalidArgumentError(
          absl::StrCat("columns \"", fields[*found], "\" and \"", fields[i], "\" say the same; keep one"));
    }
    found = i;
  }
  return found;
}

}  // namespace

absl::StatusOr<std::optional<CsvColumns>> ParseCsvHeader(const std::vector<std::string>& fields) {
  if (std::any_of(fields.begin(), fields.end(), IsNumber)) return std::nullopt;
  const auto time = FindColumn(fields, kTimeNames);
  if (!time.ok()) return time.status();
  const auto id = FindColumn(fields, kIdNames);
  if (!id.ok()) return id.status();
  const auto size = FindColumn(fields, kSizeNames);
  if (!size.ok()) return size.status();
  if (!*id && !*size) return std::nullopt;
  if (!*id) return absl::InvalidArgumentError("the header names no column id, obj_id or key");
  if (!*size) return absl::InvalidArgumentError("the header names no column size or obj_size");
  return CsvColumns{*time, **id, **size};
}

absl::StatusOr<CacheRequest> ParseCsvRequest(const std::vector<std::string>& fields, const CsvColumns& columns) {
  const size_t last = std::max({columns.time.value_or(0), columns.id, columns.size});
  if (fields.size() <= last) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", fields.size(), " columns, not ", last + 1, "; without a header they are time,id,size"));
  }
  if (columns.time && !IsNumber(fields[*columns.time])) {
    return absl::InvalidArgumentError(absl::StrCat("the time must be a number, not \"", fields[*columns.time], "\""));
  }
  const std::string& id = fields[columns.id];
  if (id.empty()) return absl::InvalidArgumentError("the id is empty");
  const std::optional<uint64_t> size = CanonicalNumber(fields[columns.size]);
  if (!size || *size > kCsvSizeMax) {
    return absl::InvalidArgumentError(absl::StrCat("the size must be a whole number of bytes up to ", kCsvSizeMax,
                                                   ", not \"", fields[columns.size], "\""));
  }
  const std::optional<uint64_t> number = CanonicalNumber(id);
  return CacheRequest{number ? *number : XXH3_64bits(id.data(), id.size()), *size};
}

absl::StatusOr<std::optional<CacheRequest>> CsvTraceReader::Next() {
  const absl::StatusOr<bool> more = columns_ ? ReadFields() : ReadFirst();
  if (!more.ok()) return more.status();
  if (!*more) return std::nullopt;
  const absl::StatusOr<CacheRequest> request = ParseCsvRequest(fields_, *columns_);
  if (!request.ok()) return Here(request.status());
  return *request;
}

absl::StatusOr<bool> CsvTraceReader::ReadFields() {
  const absl::StatusOr<std::optional<std::string_view>> line = lines_.Next();
  if (!line.ok()) return line.status();
  if (!*line) return false;
  std::string_view text = **line;
  if (!columns_ && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (absl::Status status = SplitCsvFields(text, &fields_); !status.ok()) return Here(status);
  return true;
}

absl::StatusOr<bool> CsvTraceReader::ReadFirst() {
  absl::StatusOr<bool> more = ReadFields();
  if (!more.ok() || !*more) return more;
  const absl::StatusOr<std::optional<CsvColumns>> header = ParseCsvHeader(fields_);
  if (!header.ok()) return Here(header.status());
  columns_ = header->value_or(CsvColumns{});
  return *header ? ReadFields() : true;
}

absl::Status CsvTraceReader::Here(const absl::Status& status) const {
  return absl::Status(status.code(), absl::StrCat(lines_.Where(), status.message()));
}

}  // namespace slotwise
