// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/layout.h"

#include <cstdint>
#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rawblock/disk/format.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;

constexpr LayoutOptions kOptions{
    .device_bytes = 64 << 20, .block_bytes = 4096, .max_entries = 4000, .max_key_bytes = 256};

TEST(LayoutTest, IsValidForEveryBlockSize) {
  for (uint32_t block = format::kBlockBytesMin; block <= format::kBlockBytesMax; block *= 2) {
    LayoutOptions options = kOptions;
    options.block_bytes = block;
    const Layout layout = ComputeLayout(options).value();
    EXPECT_EQ(ValidateLayout(layout, options.max_entries, options.max_key_bytes), absl::OkStatus()) << block;
    EXPECT_LE(layout.device_bytes, options.device_bytes);
    EXPECT_GT(layout.device_bytes + block, options.device_bytes);  // no whole block is left over
  }
}

TEST(LayoutTest, ASlotHoldsEveryEntryAtItsLargest) {
  // A chunk holds at least 767 records of 80 + 256 bytes, and its last block may be padding but for a byte.
  // One chunk more is for the places that are bad, and a header stands at either end.
  EXPECT_EQ(CheckpointSlotBytes(766, 256, 4096), 2 * 4096 + (1 + 1) * 262144u);
  EXPECT_EQ(CheckpointSlotBytes(767, 256, 4096), 2 * 4096 + (1 + 2) * 262144u);
}

TEST(LayoutTest, NeedsABlockOfData) {
  LayoutOptions options = kOptions;
  options.device_bytes = ComputeLayout(kOptions)->data_offset + 4095;
  EXPECT_THAT(ComputeLayout(options).status().message(), HasSubstr("too small"));
  ++options.device_bytes;
  EXPECT_EQ(ComputeLayout(options)->data_blocks, 1u);
}

TEST(LayoutTest, CountsBlocksAndBytes) {
  const Layout layout = ComputeLayout(kOptions).value();
  EXPECT_EQ(layout.ByteOffset(BlockIndex(3)), layout.data_offset + 3 * 4096);
  EXPECT_EQ(layout.BlocksFor(1), BlockCount(1));
  EXPECT_EQ(layout.BlocksFor(4096), BlockCount(1));
  EXPECT_EQ(layout.BlocksFor(4097), BlockCount(2));
}

TEST(LayoutTest, SaysWhatIsWrongWithOneThatWasRead) {
  const struct {
    const char* what;
    std::function<void(Layout*)> change;
  } cases[] = {
      {"slot too small", [](Layout* layout) { layout->checkpoint_bytes -= 4096; }},
      {"journal size", [](Layout* layout) { layout->journal_bytes = 4096; }},
      {"journal size", [](Layout* layout) { layout->journal_bytes = format::kJournalBytesMax + 4096; }},
      {"not aligned", [](Layout* layout) { layout->journal_offset += 512; }},
      {"not aligned", [](Layout* layout) { layout->data_offset += 512; }},
      {"overlap", [](Layout* layout) { layout->journal_offset -= 4096; }},
      {"overlap", [](Layout* layout) { layout->journal_offset += 4096; }},
      {"overlap", [](Layout* layout) { layout->checkpoint_offset[0] += 4096; }},
      {"overlap", [](Layout* layout) { layout->checkpoint_offset[1] = uint64_t{1} << 60; }},
      {"out of bounds", [](Layout* layout) { layout->data_blocks = 0; }},
      {"out of bounds", [](Layout* layout) { ++layout->data_blocks; }},
  };
  for (const auto& one : cases) {
    Layout layout = ComputeLayout(kOptions).value();
    one.change(&layout);
    const absl::Status status = ValidateLayout(layout, kOptions.max_entries, kOptions.max_key_bytes);
    EXPECT_TRUE(absl::IsDataLoss(status)) << one.what;
    EXPECT_THAT(status.message(), HasSubstr(one.what));
  }
  EXPECT_THAT(ValidateLayout(ComputeLayout(kOptions).value(), 0, 1).message(), HasSubstr("entry limit"));
}

}  // namespace
}  // namespace slotwise
