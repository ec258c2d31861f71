// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_WORKER_POOL_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_WORKER_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "rawblock/store/thread.h"

namespace slotwise {

// Threads that do what blocks, for callers who wait for it. Thread-safe: the jobs
// of several callers share the threads, first come, first served.
class WorkerPool {
 public:
  // Has fewer threads where the system does not give as many, with a warning; without any, Run serves itself.
  // REQUIRES: threads > 0.
  explicit WorkerPool(int threads);
  // REQUIRES: no Run is under way.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Calls task(0) to task(count - 1), each once, on the pool's threads; returns
  // when all have ended, with the first error of any.
  absl::Status Run(size_t count, absl::FunctionRef<absl::Status(size_t)> task);

 private:
  struct Job {
    absl::FunctionRef<absl::Status(size_t)> task;
    size_t count;
    size_t begun = 0;
    size_t ended = 0;
    absl::Status status = absl::OkStatus();
  };

  void Work();
  void PerformOne(std::unique_lock<std::mutex>* lock);

  std::mutex mutex_;  // of everything below but threads_
  std::condition_variable work_;
  std::condition_variable ended_;
  std::deque<Job*> jobs_;  // with tasks that have not begun
  bool closing_ = false;
  std::vector<Thread> threads_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_WORKER_POOL_H_
