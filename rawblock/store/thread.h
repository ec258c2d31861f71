// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_STORE_THREAD_H_
#define SLOTWISE_RAWBLOCK_STORE_THREAD_H_

#include <pthread.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"

namespace slotwise {

// A thread of the system. Unlike std::thread it does not throw where there is none to be had, but says so: a container
// may give its processes few. Moves like what it owns; not thread-safe itself.
class Thread {
 public:
  // Runs `body`, which does not throw, on a new thread. `what` names the thread in the error: "the thread of F". The
  // error, kResourceExhausted, says which limits to raise; `body` is gone then.
  static absl::StatusOr<Thread> Start(std::string_view what, absl::AnyInvocable<void()> body);

  Thread() = default;  // none
  Thread(Thread&& other) noexcept;
  // REQUIRES: *this is not joinable.
  Thread& operator=(Thread&& other) noexcept;
  // REQUIRES: *this is not joinable.
  ~Thread();

  bool joinable() const { return handle_.has_value(); }
  // Returns when `body` has. REQUIRES: joinable, and on another thread.
  void Join();

 private:
  explicit Thread(pthread_t handle) : handle_(handle) {}

  std::optional<pthread_t> handle_;
};

// `count` threads that run `body` at the same time, or as many as the system gives; a warning says how many are
// missing.
std::vector<Thread> StartThreads(size_t count, std::string_view what, const std::function<void()>& body);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_STORE_THREAD_H_
