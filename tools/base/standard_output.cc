// SPDX-License-Identifier: Apache-2.0
#include "tools/base/standard_output.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <iostream>
#include <string_view>

namespace slotwise {
namespace {

constexpr size_t kBufferBytes = 64 << 10;

// 0, or the error.
int WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    text.remove_prefix(static_cast<size_t>(count));
  }
  return 0;
}

}  // namespace

StandardOutput::StandardOutput(int fd) : fd_(fd), at_once_(::isatty(fd) == 1), replaced_(std::cout.rdbuf(this)) {}

StandardOutput::~StandardOutput() {
  Flush();
  std::cout.rdbuf(replaced_);
}

absl::Status StandardOutput::Finish() {
  Flush();
  if (error_ == 0 || error_ == EPIPE) return absl::OkStatus();
  return absl::ErrnoToStatus(error_, "cannot write the answer to standard output");
}

void StandardOutput::Flush() {
  if (error_ == 0) error_ = WriteAll(fd_, buffer_);
  buffer_.clear();
}

StandardOutput::int_type StandardOutput::overflow(int_type character) {
  if (traits_type::eq_int_type(character, traits_type::eof())) return traits_type::not_eof(character);
  const char text = traits_type::to_char_type(character);
  return xsputn(&text, 1) == 1 ? character : traits_type::eof();
}

std::streamsize StandardOutput::xsputn(const char* text, std::streamsize size) {
  buffer_.append(text, static_cast<size_t>(size));
  if (at_once_ || buffer_.size() >= kBufferBytes) Flush();
  return error_ == 0 ? size : 0;
}

int StandardOutput::sync() {
  Flush();
  return error_ == 0 ? 0 : -1;
}

}  // namespace slotwise
