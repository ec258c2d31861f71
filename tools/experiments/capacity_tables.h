// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_TABLES_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_TABLES_H_

#include <string>

#include "tools/experiments/capacity_report.h"

namespace slotwise {

// The sections of a capacity report's page that are tables, as markup. Each is nothing if
// the report lacks its runs.

// Classes per doubling, reservation, segments and scatter.
std::string SweepSection(const CapacityReport& report);
// How much more capacity fixed slots need.
std::string GainSection(const CapacityReport& report);
// Every run of Sweep::kEngines, folded away.
std::string RunsSection(const CapacityReport& report);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_TABLES_H_
