// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_UNIQUE_FD_H_
#define SLOTWISE_UNIQUE_FD_H_

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

}  // namespace slotwise

#endif  // SLOTWISE_UNIQUE_FD_H_
