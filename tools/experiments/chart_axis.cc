// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/chart_axis.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "glog/logging.h"

namespace slotwise {
namespace {

constexpr double kStepsWanted = 5;

// The step of 1, 2 or 5 times a power of ten that makes about kStepsWanted steps of `range`.
double RoundStep(double range) {
  const double raw = range / kStepsWanted;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1, 2, 5}) {
    if (raw <= factor * power) return factor * power;
  }
  return 10 * power;
}

// Both ends within this of a tick count as the tick, whatever the last digits of the quotient.
constexpr double kTolerance = 1e-9;

std::vector<double> RoundTicks(double low, double high) {
  const double step = RoundStep(high - low);
  const auto first = static_cast<int64_t>(std::floor(low / step + kTolerance));
  const auto last = static_cast<int64_t>(std::ceil(high / step - kTolerance));
  std::vector<double> ticks;
  for (int64_t i = first; i <= last; ++i) ticks.push_back(static_cast<double>(i) * step);
  return ticks;
}

}  // namespace

ChartAxis::ChartAxis(Warp warp, std::vector<double> ticks)
    : warp_(warp), ticks_(std::move(ticks)), low_(warp_(ticks_.front())), high_(warp_(ticks_.back())) {}

ChartAxis ChartAxis::Linear(double low, double high) {
  const double least = std::max(std::abs(low), 1.0) * 1e-6;
  return {[](double value) { return value; }, RoundTicks(low, std::max(high, low + least))};
}

ChartAxis ChartAxis::Logarithmic(std::vector<double> ticks) {
  CHECK(!ticks.empty());
  CHECK_GT(ticks.front(), 0);
  CHECK(std::is_sorted(ticks.begin(), ticks.end()));
  return {[](double value) { return std::log2(value); }, std::move(ticks)};
}

ChartAxis ChartAxis::PowersOfTwo(double low, double high) {
  CHECK_GT(low, 0);
  CHECK_LE(low, high);
  std::vector<double> ticks = {std::exp2(std::floor(std::log2(low)))};
  while (ticks.back() < high) ticks.push_back(2 * ticks.back());
  return Logarithmic(std::move(ticks));
}

ChartAxis ChartAxis::LogarithmicFromZero(double high) {
  std::vector<double> ticks = {0, 1};
  while (ticks.back() < high) ticks.push_back(2 * ticks.back());
  return {[](double value) { return std::log2(1 + value); }, std::move(ticks)};
}

double ChartAxis::Place(double value) const {
  if (high_ <= low_) return 0.5;
  return (warp_(std::clamp(value, ticks_.front(), ticks_.back())) - low_) / (high_ - low_);
}

}  // namespace slotwise
