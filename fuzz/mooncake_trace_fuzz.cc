// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "glog/logging.h"
#include "tools/traces/mooncake_trace.h"
#include "tools/traces/string_source.h"
#include "tools/traces/trace_request.h"

// Any bytes either are a trace, and then every request keeps the promises of
// TraceRequest and survives being written and read again, or are refused.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  slotwise::StringSource source(std::string(reinterpret_cast<const char*>(data), size));
  slotwise::MooncakeTraceReader reader(&source, "fuzz");
  for (;;) {
    const absl::StatusOr<std::optional<slotwise::TraceRequest>> next = reader.Next();
    if (!next.ok() || !*next) return 0;
    const slotwise::TraceRequest& request = **next;
    CHECK_GT(request.input_length, 0u);
    CHECK_LE(request.input_length, slotwise::kTraceTokensMax);
    CHECK_LE(request.timestamp_ms, slotwise::kTraceTimestampMax);
    CHECK_EQ(request.hash_ids.size(), (request.input_length + 511) / 512);
    CHECK(slotwise::ParseMooncakeRequest(slotwise::FormatMooncakeRequest(request)).value() == request);
  }
}
