// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_STANDARD_OUTPUT_H_
#define SLOTWISE_TOOLS_BASE_STANDARD_OUTPUT_H_

#include <ios>
#include <streambuf>
#include <string>

#include "absl/status/status.h"

namespace slotwise {

// What std::cout writes to, for as long as this lives: a descriptor, through a buffer. Unlike the C++ library's own it
// keeps the reason why something could not be written, so that a program whose answer is lost can say so. To a terminal
// it writes at once.
class StandardOutput final : public std::streambuf {
 public:
  // `fd` is borrowed.
  explicit StandardOutput(int fd);
  ~StandardOutput() override;
  StandardOutput(const StandardOutput&) = delete;
  StandardOutput& operator=(const StandardOutput&) = delete;

  // Writes what is in the buffer. The first error of any writing so far; a reader that has gone away, as `head` does,
  // is none.
  absl::Status Finish();

 protected:
  int_type overflow(int_type character) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override;

 private:
  void Flush();

  const int fd_;
  const bool at_once_;
  std::string buffer_;
  int error_ = 0;  // of the first writing that failed; nothing is written after it
  std::streambuf* const replaced_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_STANDARD_OUTPUT_H_
