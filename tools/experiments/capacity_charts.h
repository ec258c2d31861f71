// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_CHARTS_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_CHARTS_H_

#include <string>

#include "tools/experiments/capacity_report.h"

namespace slotwise {

// The sections of a capacity report's page that are drawn, as markup. Each is nothing if
// the report lacks its runs.

// What the space holds: payload, internal waste and what is free, per engine and scenario.
std::string SpaceSection(const CapacityReport& report);
// Prefix-token hit ratio against capacity.
std::string HitRatioSection(const CapacityReport& report);
// Object hit ratio against capacity, per policy, under Belady's bound.
std::string PolicySection(const CapacityReport& report);
// Utilisation and refusals over the requests of the scenario model_switch.
std::string SwitchSection(const CapacityReport& report);
// What one allocation evicts at worst.
std::string BurstSection(const CapacityReport& report);
// The Partial share, with and without fallback.
std::string ShareSection(const CapacityReport& report);
// The sizes of each scenario's objects.
std::string SizeSection(const CapacityReport& report);

// "10 % of the working set".
std::string CapacityText(double capacity_fraction);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_CHARTS_H_
