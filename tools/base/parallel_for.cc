// SPDX-License-Identifier: Apache-2.0
#include "tools/base/parallel_for.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "glog/logging.h"

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
  std::vector<std::jthread> workers(std::min(threads, count));
  for (std::jthread& worker : workers) worker = std::jthread(work);
}

}  // namespace slotwise
