// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/label_spread.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace slotwise {
namespace {

// The indices of `values`, by ascending value.
std::vector<size_t> Ascending(const std::vector<double>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  return order;
}

// Neighbours that would touch: they stand together about the mean of what they want.
struct Group {
  double wanted_sum = 0;  // of what each wants, less the gaps of all labels before it
  size_t labels = 0;

  double first() const { return wanted_sum / static_cast<double>(labels); }
};

// The groups of labels that want to be at `ascending`.
std::vector<Group> GroupsOf(const std::vector<double>& ascending, double gap) {
  std::vector<Group> groups;
  for (size_t i = 0; i < ascending.size(); ++i) {
    groups.push_back({ascending[i] - gap * static_cast<double>(i), 1});
    while (groups.size() > 1 && groups.back().first() < groups[groups.size() - 2].first()) {
      const Group last = groups.back();
      groups.pop_back();
      groups.back().wanted_sum += last.wanted_sum;
      groups.back().labels += last.labels;
    }
  }
  return groups;
}

}  // namespace

std::vector<double> SpreadLabels(const std::vector<double>& wanted, double gap, double low, double high) {
  const std::vector<size_t> order = Ascending(wanted);
  std::vector<double> ascending;
  ascending.reserve(order.size());
  for (const size_t label : order) ascending.push_back(wanted[label]);
  const double first_max = std::max(low, high - gap * (static_cast<double>(wanted.size()) - 1));
  std::vector<double> places(wanted.size());
  size_t rank = 0;
  for (const Group& group : GroupsOf(ascending, gap)) {
    const double first = std::clamp(group.first(), low, first_max);
    for (const size_t end = rank + group.labels; rank < end; ++rank) {
      places[order[rank]] = first + gap * static_cast<double>(rank);
    }
  }
  return places;
}

}  // namespace slotwise
