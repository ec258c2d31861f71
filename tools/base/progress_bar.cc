// SPDX-License-Identifier: Apache-2.0
#include "tools/base/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "glog/logging.h"

namespace slotwise {
namespace {

constexpr uint64_t kWidth = 30;
constexpr absl::Duration kInterval = absl::Milliseconds(100);
constexpr char kWipe[] = "\r\033[K";

}  // namespace

ProgressBar::ProgressBar(std::FILE* out, std::string label, std::string unit, uint64_t total)
    : out_(out), enabled_(isatty(fileno(out)) != 0), label_(std::move(label)), unit_(std::move(unit)), total_(total) {
  CHECK_GT(total, 0u);
}

ProgressBar::~ProgressBar() {
  if (!enabled_) return;
  std::fputs(kWipe, out_);
  std::fflush(out_);
}

void ProgressBar::Update(uint64_t done, absl::Time now) {
  if (!enabled_ || now < drawn_at_ + kInterval) return;
  drawn_at_ = now;
  const uint64_t filled = kWidth * std::min(done, total_) / total_;
  const std::string bar = std::string(filled, '=') + (filled < kWidth ? ">" : "");
  absl::FPrintF(out_, "%s%s  [%-30s] %3d %%  %d of %d %s", kWipe, label_, bar, 100 * done / total_, done, total_,
                unit_);
  std::fflush(out_);
}

}  // namespace slotwise
