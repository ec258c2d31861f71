// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_CLI_STAT_COMMAND_H_
#define SLOTWISE_TOOLS_CLI_STAT_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/base/exit_code.h"
#include "tools/base/metrics_text.h"

namespace slotwise {

// The options of `slotwise stat`.
struct StatArguments {
  std::string file;
  double interval_seconds = 0;  // 0: one reading
};

// For people: a row for each number of a store's metrics, a column for each device.
// InvalidArgument if there are none.
absl::StatusOr<std::string> DescribeMetrics(const std::vector<MetricSample>& samples);

// The same of what happened from `before` to `after`, `seconds` apart: operations and
// bytes per second, and how long their stages took on average. A counter that went
// back, its store having been opened again, counts from 0.
absl::StatusOr<std::string> DescribeRates(const std::vector<MetricSample>& before,
                                          const std::vector<MetricSample>& after, double seconds);

// `slotwise stat`: says on standard output what a serving process wrote into its
// metrics file; with an interval, waits so long and says the rates as well. Opens no
// device, so the store may be in use.
ExitCode RunStat(const StatArguments& arguments);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_CLI_STAT_COMMAND_H_
