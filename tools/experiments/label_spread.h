// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_LABEL_SPREAD_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_LABEL_SPREAD_H_

#include <vector>

namespace slotwise {

// Places for labels that want to be at `wanted`: at least `gap` apart, in the same
// order, and as near as possible; within [low, high] if they fit there, and else from
// `low` on.
std::vector<double> SpreadLabels(const std::vector<double>& wanted, double gap, double low, double high);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_LABEL_SPREAD_H_
