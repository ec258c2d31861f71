// SPDX-License-Identifier: Apache-2.0
// A planted bug behind a four-byte word. Chance alone does not find the word in
// time; a fuzzer that is led by coverage does, so tools/test proves with it that
// --config=asan instruments, mutates and reports.
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

size_t CommonPrefix(const uint8_t* data, size_t size, std::string_view word) {
  size_t length = 0;
  while (length < size && length < word.size() && data[length] == static_cast<uint8_t>(word[length])) ++length;
  return length;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr std::string_view kWord = "slot";
  if (CommonPrefix(data, size, kWord) < kWord.size()) return 0;
  const volatile uint8_t past_the_end = data[size];
  (void)past_the_end;
  return 0;
}
