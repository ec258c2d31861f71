// SPDX-License-Identifier: Apache-2.0
#include "iouring/system/registered_arena.h"

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

// The definition: the first of `pieces` that has all bytes of [start, end).
std::optional<uint16_t> Search(const std::vector<iovec>& pieces, const std::byte* start, const std::byte* end) {
  for (size_t index = 0; index < pieces.size(); ++index) {
    const auto* piece = static_cast<const std::byte*>(pieces[index].iov_base);
    if (start >= piece && end <= piece + pieces[index].iov_len) return static_cast<uint16_t>(index);
  }
  return std::nullopt;
}

TEST(RegisteredArenaTest, PiecesTileTheArena) {
  std::vector<std::byte> memory(10);
  const std::vector<iovec> pieces = RegisteredArena(memory, 4).Pieces();
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(pieces[0].iov_base, memory.data());
  EXPECT_EQ(pieces[1].iov_base, memory.data() + 4);
  EXPECT_EQ(pieces[2].iov_base, memory.data() + 8);
  EXPECT_EQ(pieces[1].iov_len, 4u);
  EXPECT_EQ(pieces[2].iov_len, 2u);
}

TEST(RegisteredArenaTest, FindsThePieceOfEveryRangeInAndAroundTheArena) {
  std::vector<std::byte> memory(20);
  for (const uint64_t piece_bytes : {1, 2, 4, 8, 128}) {
    const RegisteredArena arena(std::span<std::byte>(memory).subspan(5, 10), piece_bytes);
    const std::vector<iovec> pieces = arena.Pieces();
    for (std::byte* start = memory.data(); start < memory.data() + memory.size(); ++start) {
      for (std::byte* end = start + 1; end <= memory.data() + memory.size(); ++end) {
        const iovec range = {start, static_cast<size_t>(end - start)};
        EXPECT_EQ(arena.IndexOf(range), Search(pieces, start, end));
      }
    }
  }
}

TEST(RegisteredArenaTest, HoldsNothingWhenNothingIsRegistered) {
  std::byte memory[1];
  EXPECT_TRUE(RegisteredArena().empty());
  EXPECT_EQ(RegisteredArena().IndexOf({memory, 1}), std::nullopt);
  EXPECT_EQ(RegisteredArena().IndexOf({nullptr, 0}), std::nullopt);
}

}  // namespace
}  // namespace slotwise
