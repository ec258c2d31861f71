// SPDX-License-Identifier: Apache-2.0
#include "rawblock/store/batch.h"

namespace slotwise {

AnyBatch::AnyBatch(std::vector<Job> jobs) : jobs_(std::move(jobs)), left_(jobs_.size()) {
  size_t bytes = 0;
  for (const Job& job : jobs_) bytes += job.key.size();
  keys_.reserve(bytes);
  for (Job& job : jobs_) {
    job.batch = this;
    const std::string_view key = job.key;
    job.key = {keys_.data() + keys_.size(), key.size()};
    keys_.append(key);
  }
}

void AnyBatch::Finish() {
  RunDone();
  delete this;
}

}  // namespace slotwise
