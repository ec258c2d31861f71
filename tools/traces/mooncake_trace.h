// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_MOONCAKE_TRACE_H_
#define SLOTWISE_TOOLS_TRACES_MOONCAKE_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/traces/byte_source.h"
#include "tools/traces/line_reader.h"
#include "tools/traces/trace_request.h"

namespace slotwise {

// Traces in the form that Mooncake published: one JSON object a line,
//   {"timestamp": 27482, "input_length": 6955, "output_length": 52, "hash_ids": [46, 47, ...]}
// with times in milliseconds and one id per 512 tokens, the last block included.
// Other members are ignored; an empty line is an error, but for the end of the file.
//
// A trace comes from outside, so everything in it is bounded before use.
inline constexpr size_t kTraceLineBytesMax = size_t{4} << 20;
inline constexpr uint32_t kTraceTokensMax = uint32_t{1} << 24;  // of a prompt, and of an answer
inline constexpr uint64_t kTraceTimestampMax = uint64_t{1} << 53;

// One line, without its line end. InvalidArgument that names the member at
// fault and what was expected.
absl::StatusOr<TraceRequest> ParseMooncakeRequest(std::string_view line);

// The line of `request`, without a line end.
std::string FormatMooncakeRequest(const TraceRequest& request);

// Reads a trace line by line; holds one line at a time.
class MooncakeTraceReader {
 public:
  // Reads from `source`, which is borrowed; errors call it `name`.
  MooncakeTraceReader(ByteSource* source, std::string name) : lines_(source, std::move(name), kTraceLineBytesMax) {}

  // The next request, or nullopt at the end. InvalidArgument "NAME:LINE: ..."
  // for a bad line; errors of the source.
  absl::StatusOr<std::optional<TraceRequest>> Next();

  // "NAME:LINE: " of the request that Next gave last.
  std::string Where() const { return lines_.Where(); }

 private:
  LineReader lines_;
};

// The first `requests_max` requests of the file at `path`, which may be
// compressed: see OpenTraceFile. NotFound or InvalidArgument if it cannot be
// opened, has no request or has a bad line among those read.
absl::StatusOr<std::vector<TraceRequest>> ReadMooncakeTrace(
    const std::string& path, uint64_t requests_max = std::numeric_limits<uint64_t>::max());

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_MOONCAKE_TRACE_H_
