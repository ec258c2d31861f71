// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_UNIQUE_FD_H_
#define SLOTWISE_UNIQUE_FD_H_

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace slotwise {

// Owns one file descriptor and closes it. Moved-from and default-constructed
// ones own nothing.
class UniqueFd {
 public:
  UniqueFd() = default;
  // Takes what open(2) and its kin return; negative owns nothing.
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() {
    if (valid()) ::close(fd_);
  }

  bool valid() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// Takes what open(2) and its kin return, moved away from descriptors 0 to 2: a process may run without these, and then
// what it logs would be written to whatever has come in their place. On an error owns nothing, and errno tells why.
inline UniqueFd AboveStandardStreams(int fd) {
  UniqueFd opened(fd);
  if (!opened.valid() || fd > STDERR_FILENO) return opened;
  return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

}  // namespace slotwise

#endif  // SLOTWISE_UNIQUE_FD_H_
