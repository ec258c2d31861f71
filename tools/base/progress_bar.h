// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_PROGRESS_BAR_H_
#define SLOTWISE_TOOLS_BASE_PROGRESS_BAR_H_

#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/time/time.h"

namespace slotwise {

// One line on a terminal that says how far a run is:
//   slab  [=============>                ]  46 %  5534 of 12031 requests
// It is rewritten at most ten times a second and wiped when the bar is destroyed.
// Nothing is written to what is not a terminal.
class ProgressBar {
 public:
  // `out` is borrowed. Counts up to `total` things called `unit`.
  // REQUIRES: total > 0.
  ProgressBar(std::FILE* out, std::string label, std::string unit, uint64_t total);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `done` things are done at the time `now`.
  void Update(uint64_t done, absl::Time now);

 private:
  std::FILE* out_;
  bool enabled_;  // out_ is a terminal
  std::string label_;
  std::string unit_;
  uint64_t total_;
  absl::Time drawn_at_ = absl::InfinitePast();
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_PROGRESS_BAR_H_
