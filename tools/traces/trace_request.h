// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_TRACE_REQUEST_H_
#define SLOTWISE_TOOLS_TRACES_TRACE_REQUEST_H_

#include <cstdint>
#include <vector>

namespace slotwise {

// The unit in which a trace names the tokens of a prompt.
inline constexpr uint32_t kTraceBlockTokens = 512;

// One request of a trace: when it came, how long its prompt and its answer are,
// and an id per 512-token block of the prompt. Two requests share a prefix
// exactly as far as their ids agree. The last block is usually not full; its id
// stands for the tokens it has.
struct TraceRequest {
  uint64_t timestamp_ms = 0;       // since the trace began
  uint32_t input_length = 0;       // tokens, positive
  uint32_t output_length = 0;      // tokens
  std::vector<uint64_t> hash_ids;  // input_length / 512 of them, rounded up

  friend bool operator==(const TraceRequest&, const TraceRequest&) = default;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_TRACE_REQUEST_H_
