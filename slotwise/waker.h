// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_WAKER_H_
#define SLOTWISE_WAKER_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "slotwise/unique_fd.h"

namespace slotwise {

// Wakes a thread that waits for something else, such as completions: an eventfd. A wake is remembered until Clear.
// Thread-safe; each call is one system call.
class Waker {
 public:
  // kResourceExhausted: no file descriptor is left.
  static absl::StatusOr<Waker> Create();

  void Wake();
  // Forgets every Wake so far.
  void Clear();
  // Returns after a Wake that was not cleared, or `timeout`, or a signal.
  void Wait(absl::Duration timeout) const;

  // Readable while there is a Wake that was not cleared. Owned by the waker.
  int fd() const { return event_.get(); }

 private:
  explicit Waker(UniqueFd event) : event_(std::move(event)) {}

  UniqueFd event_;
};

}  // namespace slotwise

#endif  // SLOTWISE_WAKER_H_
