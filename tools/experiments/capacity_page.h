// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_PAGE_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_PAGE_H_

#include <string>

#include "tools/experiments/capacity_report.h"

namespace slotwise {

// The report as one HTML page of charts and tables. It needs nothing but itself: no
// scripts, no fonts, no network. It is well-formed XML too, has a section for each
// question that the report has runs of, and shows light or dark as its reader prefers.
std::string FormatCapacityPage(const CapacityReport& report);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_PAGE_H_
