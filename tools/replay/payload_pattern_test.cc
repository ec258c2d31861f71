// SPDX-License-Identifier: Apache-2.0
#include "tools/replay/payload_pattern.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

std::vector<std::byte> Pattern(size_t size, uint64_t key_hash) {
  std::vector<std::byte> bytes(size);
  FillPattern(bytes, key_hash);
  return bytes;
}

RC_GTEST_PROP(PayloadPatternTest, CountsExactlyTheBytesThatWereChanged, (uint16_t size, uint64_t key)) {
  std::vector<std::byte> bytes = Pattern(size, key);
  RC_ASSERT(CountWrongBytes(bytes, key) == 0u);
  uint64_t changed = 0;
  for (std::byte& byte : bytes) {
    if (!*rc::gen::weightedElement<bool>({{1, true}, {50, false}})) continue;
    byte = ~byte;
    ++changed;
  }
  RC_ASSERT(CountWrongBytes(bytes, key) == changed);
}

TEST(PayloadPatternTest, AnotherKeyIsWrongNearlyEverywhere) {
  for (const uint64_t other : {0u, 2u, 3u, 1000u, 4'000'000'000u}) {
    EXPECT_GT(CountWrongBytes(Pattern(100'000, 1), other), 99'000u) << other;
  }
}

TEST(PayloadPatternTest, ShiftedBytesAreWrongNearlyEverywhere) {
  const std::vector<std::byte> bytes = Pattern(200'000, 1);
  for (const size_t shift : {1, 8, 512, 4096, 65536}) {
    EXPECT_GT(CountWrongBytes(std::span(bytes).subspan(shift, 100'000), 1), 99'000u) << shift;
  }
}

TEST(PayloadPatternTest, APrefixIsThePatternOfItsLength) {
  const std::vector<std::byte> bytes = Pattern(10'001, 1);
  for (const size_t size : {0, 1, 7, 8, 4095, 4096, 4097, 10'001}) {
    EXPECT_EQ(CountWrongBytes(std::span(bytes).first(size), 1), 0u) << size;
  }
}

}  // namespace
}  // namespace slotwise
