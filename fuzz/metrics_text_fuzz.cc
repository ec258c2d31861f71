// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/base/metrics_text.h"
#include "tools/cli/stat_command.h"

// Whatever can be read can be described.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<std::vector<slotwise::MetricSample>> samples = slotwise::ParseMetricsText(text);
  if (!samples.ok()) return 0;
  static_cast<void>(slotwise::DescribeMetrics(*samples));
  static_cast<void>(slotwise::DescribeRates(*samples, *samples, 1));
  return 0;
}
