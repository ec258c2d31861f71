// SPDX-License-Identifier: Apache-2.0
#include "tools/stores/store_summary.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "rawblock/testing/temporary_store.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

constexpr uint64_t kBlock = 4096;

StoreSummary SummaryOf(Engine engine) {
  TemporaryStore store({.engine = engine, .core = {}});
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(store.Put(absl::StrCat(i), PatternPayload(i, 5000)).ok());
  EXPECT_TRUE(store.Put("large", PatternPayload(9, 40000)).ok());
  EXPECT_TRUE(store.Remove("1", {.durability = Durability::kDurable}).ok());
  StoreSummary summary = SummarizeStore(store.core());
  EXPECT_EQ(summary.free_bytes, store.core().occupancy().free_blocks * kBlock);
  return summary;
}

TEST(StoreSummaryTest, CountsPayloadsBySize) {
  const StoreSummary summary = SummaryOf(Engine::kExtent);
  ASSERT_EQ(summary.by_size.size(), 2u);
  EXPECT_EQ(summary.by_size.at(4096).payloads, 3u);
  EXPECT_EQ(summary.by_size.at(4096).payload_bytes, 15000u);
  EXPECT_EQ(summary.by_size.at(4096).occupied_bytes, 3 * 2 * kBlock);
  EXPECT_EQ(summary.by_size.at(32768).payloads, 1u);
  EXPECT_EQ(summary.by_pieces.at(1).payloads, 4u);
  EXPECT_TRUE(summary.by_class.empty());
}

TEST(StoreSummaryTest, CountsTheHolesThatRemovedPayloadsLeave) {
  const StoreSummary summary = SummaryOf(Engine::kExtent);
  EXPECT_EQ(summary.free_runs, 2u);
  EXPECT_EQ(summary.free_run_bytes_max, summary.free_bytes - 2 * kBlock);
  EXPECT_GT(summary.fragmentation(), 0);
  EXPECT_LT(summary.fragmentation(), 0.01);
}

TEST(StoreSummaryTest, CountsPayloadsBySlotWhereThereAreClasses) {
  const StoreSummary summary = SummaryOf(Engine::kFixedSlot);
  ASSERT_EQ(summary.by_class.size(), 1u);
  EXPECT_EQ(summary.by_class.at(64 << 10).payloads, 4u);
}

TEST(StoreSummaryTest, AnEmptyStoreIsOneRun) {
  TemporaryStore store({.engine = Engine::kExtent, .core = {}});
  const StoreSummary summary = SummarizeStore(store.core());
  EXPECT_EQ(summary.free_runs, 1u);
  EXPECT_EQ(summary.fragmentation(), 0);
  EXPECT_NE(DescribeSummary(summary).find("1 runs"), std::string::npos);
}

}  // namespace
}  // namespace slotwise
