// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_SAMPLE_CAPACITY_REPORT_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_SAMPLE_CAPACITY_REPORT_H_

#include "tools/experiments/capacity_report.h"

namespace slotwise {

// A made-up report for tests of what shows one: as large as that of the default matrix,
// with names as there and numbers that look measured but are drawn. Always the same.
CapacityReport SampleCapacityReport();

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_SAMPLE_CAPACITY_REPORT_H_
