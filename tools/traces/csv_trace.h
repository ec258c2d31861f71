// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_CSV_TRACE_H_
#define SLOTWISE_TOOLS_TRACES_CSV_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/traces/byte_source.h"
#include "tools/traces/cache_request.h"
#include "tools/traces/line_reader.h"

namespace slotwise {

// Traces as comma-separated values, one request a line: `time,id,size`, and
// more columns, which are ignored. A first line of names may put the columns
// into another order: time or timestamp, id or obj_id or key, size or obj_size,
// in any case. The time may be missing then; nothing uses it.
//
// Whole numbers below 2^64 are ids as they stand. Anything else, "007" or
// "user:42", stands for its XXH3-64.
//
// A trace comes from outside, so everything in it is bounded before use.
inline constexpr size_t kCsvLineBytesMax = size_t{64} << 10;
inline constexpr uint64_t kCsvSizeMax = uint64_t{1} << 53;  // bytes of an object

// Where the columns are that a reader needs.
struct CsvColumns {
  std::optional<size_t> time = 0;
  size_t id = 1;
  size_t size = 2;
};

// The columns that a first line of `fields` names, or nullopt if it is a
// request. It is a line of names if a field is one of an id or a size and none
// is a number. InvalidArgument if a name is there twice or one is missing.
absl::StatusOr<std::optional<CsvColumns>> ParseCsvHeader(const std::vector<std::string>& fields);

// The request in `fields`. InvalidArgument that names the column at fault and
// what was expected.
absl::StatusOr<CacheRequest> ParseCsvRequest(const std::vector<std::string>& fields, const CsvColumns& columns);

// Reads a trace line by line; holds one line at a time.
class CsvTraceReader {
 public:
  // Reads from `source`, which is borrowed; errors call it `name`.
  CsvTraceReader(ByteSource* source, std::string name) : lines_(source, std::move(name), kCsvLineBytesMax) {}

  // The next request, or nullopt at the end. InvalidArgument "NAME:LINE: ..."
  // for a bad line; errors of the source.
  absl::StatusOr<std::optional<CacheRequest>> Next();

  // "NAME:LINE: " of the request that Next gave last.
  std::string Where() const { return lines_.Where(); }

 private:
  // The next line into fields_; false at the end.
  absl::StatusOr<bool> ReadFields();
  // The first line into fields_, and what it says of the columns; false at the end.
  absl::StatusOr<bool> ReadFirst();
  absl::Status Here(const absl::Status& status) const;

  LineReader lines_;
  std::vector<std::string> fields_;
  std::optional<CsvColumns> columns_;  // null before the first line
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_CSV_TRACE_H_
