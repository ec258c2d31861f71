// SPDX-License-Identifier: Apache-2.0
// Does the wrong that the sanitizer named on the command line must catch, so
// that tools/test can prove that each configuration really looks.
#include <climits>
#include <cstdio>
#include <memory>
#include <string_view>
#include <thread>

namespace {

void ReadPastTheEnd(int past) {
  const auto bytes = std::make_unique<volatile char[]>(8);
  std::printf("%d\n", bytes[7 + past]);
}

void OverflowSignedInteger(int addend) {
  volatile int sum = INT_MAX;
  sum = sum + addend;
}

void RaceOnInteger() {
  int shared = 0;
  std::thread other([&shared] { ++shared; });
  ++shared;
  other.join();
  std::printf("%d\n", shared);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string_view sanitizer = argv[1];
  const int one = argc - 1;  // The compiler must not see through the mistakes.
  if (sanitizer == "asan") ReadPastTheEnd(one);
  if (sanitizer == "ubsan") OverflowSignedInteger(one);
  if (sanitizer == "tsan") RaceOnInteger();
  return 0;
}
