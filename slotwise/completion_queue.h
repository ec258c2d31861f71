// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_COMPLETION_QUEUE_H_
#define SLOTWISE_COMPLETION_QUEUE_H_

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/status/statusor.h"
#include "slotwise/waker.h"

namespace slotwise {

// Answers for a caller who polls: callbacks push, and fd() is readable while there are any. Thread-safe. Push and Drain
// are O(answers) and make at most one system call.
template <typename Answer>
class CompletionQueue {
 public:
  // kResourceExhausted: no file descriptor is left.
  static absl::StatusOr<std::unique_ptr<CompletionQueue>> Create() {
    absl::StatusOr<Waker> waker = Waker::Create();
    if (!waker.ok()) return waker.status();
    return absl::WrapUnique(new CompletionQueue(*std::move(waker)));
  }

  // For poll and epoll; owned by the queue. Do not read it.
  int fd() const { return waker_.fd(); }

  void Push(Answer answer) {
    const std::lock_guard lock(mutex_);
    answers_.push_back(std::move(answer));
    if (answers_.size() == 1) waker_.Wake();
  }

  // Everything pushed since the last Drain, oldest first; fd() is not readable any
  // more until the next Push.
  std::vector<Answer> Drain() {
    const std::lock_guard lock(mutex_);
    if (!answers_.empty()) waker_.Clear();
    return std::exchange(answers_, {});
  }

 private:
  explicit CompletionQueue(Waker waker) : waker_(std::move(waker)) {}

  Waker waker_;
  std::mutex mutex_;
  std::vector<Answer> answers_;  // guarded by mutex_
};

}  // namespace slotwise

#endif  // SLOTWISE_COMPLETION_QUEUE_H_
