// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_COMPARISON_REPORT_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_COMPARISON_REPORT_H_

#include <span>
#include <string>

#include "tools/bench/peers/comparison.h"

namespace slotwise {

// All figures are medians of the rounds. MB are 10^6 bytes, GiB 2^30. "of raw" is the
// speed as a part of the first peer's in the same round: puts of its puts, and gets
// of both kinds of its gets, which come from the device.

// For people: a table for each cell, and how the peers were set up.
std::string FormatComparisonTable(const ComparisonOptions& options, std::span<const ComparisonCell> cells);

// For programs, ending in a line end; with the MB/s of each round.
std::string FormatComparisonJson(const ComparisonOptions& options, std::span<const ComparisonCell> cells);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_COMPARISON_REPORT_H_
