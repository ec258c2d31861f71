// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_SYSTEM_RING_H_
#define SLOTWISE_IOURING_SYSTEM_RING_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/time/time.h"
#include "liburing.h"

namespace slotwise {

struct RingCompletion {
  uint64_t user_data = 0;  // of the entry that has completed
  int32_t result = 0;      // as its system call would return it, or a negative errno
};

// The two queues of an io_uring: entries go in, completions come out, in any
// order. An interface, so that tests can make completions up. Calls that reach
// the kernel return 0 or a negative errno.
//
// Not thread-safe: the thread of the first Enter owns the ring.
class Ring {
 public:
  virtual ~Ring() = default;

  // An entry for the caller to fill in before the next Enter; null while the
  // submission queue is full.
  virtual io_uring_sqe* NextEntry() = 0;

  // Hands over all entries, and waits until there is a completion to reap or `timeout` has passed, with one system
  // call. It may return early. Without a timeout and without an entry in flight it waits for ever.
  virtual int Enter(absl::Duration timeout) = 0;

  // Sleeps before the next Enter, after one that lacked a resource. True, early, when `wake_fd` is readable; negative:
  // there is none.
  virtual bool Pause(absl::Duration pause, int wake_fd) = 0;

  // Takes completions out, the oldest first. Returns how many.
  virtual size_t Reap(std::span<RingCompletion> completions) = 0;

  // Pins memory, which entries then name by its place in `buffers`.
  virtual int RegisterBuffers(std::span<const iovec> buffers) = 0;
  virtual int UnregisterBuffers() = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_SYSTEM_RING_H_
