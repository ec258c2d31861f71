// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_METRICS_TEXT_H_
#define SLOTWISE_TOOLS_BASE_METRICS_TEXT_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace slotwise {

// One line of Prometheus' text format.
struct MetricSample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

// The samples of `text`, in the text format of Prometheus; comments are skipped, and
// timestamps ignored. InvalidArgument "line N: ..." for what is none. O(text).
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
absl::StatusOr<std::vector<MetricSample>> ParseMetricsText(std::string_view text);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_METRICS_TEXT_H_
