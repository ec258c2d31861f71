// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_REPLAY_REPLAY_REPORT_H_
#define SLOTWISE_TOOLS_REPLAY_REPLAY_REPORT_H_

#include <span>
#include <string>

#include "tools/replay/replay_result.h"

namespace slotwise {

// The runs for programs: {"runs": [{...}, ...]}, ending in a line end. Ratios
// are between 0 and 1; one whose denominator is zero is 0. metadata_bytes_per_put
// and evictions_per_put count the puts that were not refused.
std::string FormatReplayJson(std::span<const ReplayRun> runs);

// The runs for people: one column each, headed by its allocator.
// REQUIRES: `runs` is not empty.
std::string FormatReplayTable(std::span<const ReplayRun> runs);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_REPLAY_REPLAY_REPORT_H_
