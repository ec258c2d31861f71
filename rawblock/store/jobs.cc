// SPDX-License-Identifier: Apache-2.0
#include "rawblock/store/jobs.h"

#include <utility>

#include "glog/logging.h"
#include "rawblock/store/batch.h"

namespace slotwise {

void Jobs::Start(Job* job, RawBlockCore* core) {
  job->jobs = this;
  job->place = started_.size();
  started_.push_back(job);
  job->batch->Start(job, core);
}

void Jobs::Answered(Job* job) {
  if (const std::optional<OperationStage> stage = job->batch->StageEndedBy(*job)) {
    latencies_->OnStage(*stage, clock_->Now() - job->batch->called());
  }
  started_.back()->place = job->place;
  started_[job->place] = started_.back();
  started_.pop_back();
  answered_.push_back(job);
}

void Jobs::Fail(Job* job, const absl::Status& status) {
  job->batch->Fail(*job, status);
  answered_.push_back(job);
}

void Jobs::FailStarted(const absl::Status& status) {
  for (Job* job : std::exchange(started_, {})) Fail(job, status);
}

// Neighbours of one batch together: the count is shared with other shards.
void Jobs::Deliver() {
  const std::vector<Job*> answered = std::exchange(answered_, {});
  for (size_t first = 0, end = 0; first < answered.size(); first = end) {
    AnyBatch* const batch = answered[first]->batch;
    while (end < answered.size() && answered[end]->batch == batch) ++end;
    batch->CountDown(end - first);
  }
}

void Jobs::CheckInvariants() const {
  for (size_t place = 0; place < started_.size(); ++place) {
    CHECK_EQ(started_[place]->place, place);
    CHECK(started_[place]->jobs == this);
  }
}

}  // namespace slotwise
