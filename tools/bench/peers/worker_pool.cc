// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/worker_pool.h"

#include "glog/logging.h"

namespace slotwise {

WorkerPool::WorkerPool(int threads) {
  CHECK_GT(threads, 0);
  threads_ = StartThreads(static_cast<size_t>(threads), "a worker", [this] { Work(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    CHECK(jobs_.empty());
    closing_ = true;
  }
  work_.notify_all();
  for (Thread& thread : threads_) thread.Join();
}

absl::Status WorkerPool::Run(size_t count, absl::FunctionRef<absl::Status(size_t)> task) {
  if (count == 0) return absl::OkStatus();
  Job job{.task = task, .count = count};
  std::unique_lock<std::mutex> lock(mutex_);
  jobs_.push_back(&job);
  work_.notify_all();
  while (threads_.empty() && job.begun < job.count) PerformOne(&lock);
  ended_.wait(lock, [&job] { return job.ended == job.count; });
  return job.status;
}

void WorkerPool::Work() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    work_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    PerformOne(&lock);
  }
}

void WorkerPool::PerformOne(std::unique_lock<std::mutex>* lock) {
  Job* job = jobs_.front();
  const size_t index = job->begun++;
  if (job->begun == job->count) jobs_.pop_front();
  lock->unlock();
  const absl::Status status = job->task(index);
  lock->lock();
  job->status.Update(status);
  if (++job->ended == job->count) ended_.notify_all();
}

}  // namespace slotwise
