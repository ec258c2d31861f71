// SPDX-License-Identifier: Apache-2.0
#include "slotwise/waker.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <ctime>
#include <utility>

#include "glog/logging.h"
#include "iouring/system/errno_status.h"

namespace slotwise {

absl::StatusOr<Waker> Waker::Create() {
  UniqueFd event = AboveStandardStreams(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event.valid()) return ErrnoStatus(errno, "eventfd");
  return Waker(std::move(event));
}

// A counter that is full (EAGAIN) wakes as well.
void Waker::Wake() {
  const int result = ::eventfd_write(event_.get(), 1);
  PCHECK(result == 0 || errno == EAGAIN) << "eventfd_write";
}

void Waker::Clear() {
  eventfd_t wakes = 0;
  const int result = ::eventfd_read(event_.get(), &wakes);
  PCHECK(result == 0 || errno == EAGAIN) << "eventfd_read";
}

void Waker::Wait(absl::Duration timeout) const {
  pollfd event{.fd = event_.get(), .events = POLLIN, .revents = 0};
  const timespec limit = absl::ToTimespec(timeout);
  const int result = ::ppoll(&event, 1, timeout == absl::InfiniteDuration() ? nullptr : &limit, nullptr);
  PCHECK(result >= 0 || errno == EINTR) << "ppoll";
}

}  // namespace slotwise
