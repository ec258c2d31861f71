// SPDX-License-Identifier: Apache-2.0
#include "tools/base/parallel_for.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include "glog/logging.h"
#include "rawblock/store/thread.h"

namespace slotwise {

void ParallelFor(size_t count, size_t threads, const std::function<void(size_t)>& body,
                 const std::function<void(size_t)>& done) {
  CHECK_GT(threads, 0u);
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  size_t ended = 0;
  const auto work = [&] {
    for (size_t i = next++; i < count; i = next++) {
      body(i);
      const std::lock_guard<std::mutex> lock(mutex);
      done(++ended);
    }
  };
  std::vector<Thread> workers = StartThreads(std::min(threads, count), "a thread for the work", work);
  if (workers.empty()) work();
  for (Thread& worker : workers) worker.Join();
}

}  // namespace slotwise
