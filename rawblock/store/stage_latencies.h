// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_STORE_STAGE_LATENCIES_H_
#define SLOTWISE_RAWBLOCK_STORE_STAGE_LATENCIES_H_

#include <array>

#include "absl/time/time.h"
#include "prometheus/histogram.h"
#include "slotwise/operation_stage.h"
#include "slotwise/store_metrics.h"

namespace slotwise {

// A histogram for each stage, with buckets of 10 us, 20 us, 50 us, ... 10 s.
// Thread-safe.
class StageLatencies final : public StageObserver {
 public:
  StageLatencies();

  void OnStage(OperationStage stage, absl::Duration took) override;
  LatencySnapshot Snapshot() const;

 private:
  std::array<prometheus::Histogram, kOperationStages> histograms_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_STORE_STAGE_LATENCIES_H_
