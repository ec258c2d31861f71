// SPDX-License-Identifier: Apache-2.0
#include "rawblock/store/thread.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/system/errno_status.h"

namespace slotwise {
namespace {

using Body = absl::AnyInvocable<void()>;

void* RunBody(void* argument) {
  const std::unique_ptr<Body> body(static_cast<Body*>(argument));
  (*body)();
  return nullptr;
}

}  // namespace

absl::StatusOr<Thread> Thread::Start(std::string_view what, Body body) {
  auto owned = std::make_unique<Body>(std::move(body));
  pthread_t handle = {};
  const int error = ::pthread_create(&handle, /*attributes=*/nullptr, &RunBody, owned.get());
  if (error == 0) {
    static_cast<void>(owned.release());  // the thread's now
    return Thread(handle);
  }
  const absl::Status status =
      ErrnoStatus(error, absl::StrCat("cannot start ", absl::string_view(what.data(), what.size())));
  return absl::ResourceExhaustedError(absl::StrCat(
      status.message(), "; raise the number of processes that the container (pids) or user (ulimit -u) may have"));
}

Thread::Thread(Thread&& other) noexcept : handle_(std::exchange(other.handle_, std::nullopt)) {}

Thread& Thread::operator=(Thread&& other) noexcept {
  CHECK(!joinable()) << "a thread must be joined before it is replaced";
  handle_ = std::exchange(other.handle_, std::nullopt);
  return *this;
}

Thread::~Thread() { CHECK(!joinable()) << "a thread must be joined"; }

void Thread::Join() {
  CHECK(joinable());
  CHECK_EQ(::pthread_join(*handle_, /*result=*/nullptr), 0);
  handle_.reset();
}

std::vector<Thread> StartThreads(size_t count, std::string_view what, const std::function<void()>& body) {
  std::vector<Thread> threads;
  threads.reserve(count);
  while (threads.size() < count) {
    absl::StatusOr<Thread> thread = Thread::Start(what, body);
    LOG_IF(WARNING, !thread.ok()) << threads.size() << " of " << count << " threads: " << thread.status().message();
    if (!thread.ok()) break;
    threads.push_back(*std::move(thread));
  }
  return threads;
}

}  // namespace slotwise
