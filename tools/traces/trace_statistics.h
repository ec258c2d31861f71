// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_TRACE_STATISTICS_H_
#define SLOTWISE_TOOLS_TRACES_TRACE_STATISTICS_H_

#include <span>

#include "tools/traces/trace_request.h"

namespace slotwise {

// What makes one workload of a KV cache like another: how fast requests come,
// how long they are, and how much of each has been seen before.
//
// A request continues an earlier one when they share two blocks or more: the
// first block is everybody's system prompt. Its parent is the latest earlier
// request that has the last block they share.
struct TraceStatistics {
  double requests_per_s = 0;
  double input_tokens_mean = 0;
  double input_tokens_p50 = 0;
  double input_tokens_p90 = 0;
  double output_tokens_mean = 0;
  double output_tokens_p50 = 0;
  double continued_share = 0;     // of requests
  double reused_block_share = 0;  // of all blocks, those in a prefix seen before
  double unique_blocks_per_request = 0;
  double growth_tokens_p50 = 0;  // of a continuing request over its parent
  double gap_s_p50 = 0;          // between a continuing request and its parent
};

// Time and memory linear in the blocks of `requests`.
// REQUIRES: `requests` is not empty and in order of time.
TraceStatistics MeasureTrace(std::span<const TraceRequest> requests);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_TRACE_STATISTICS_H_
