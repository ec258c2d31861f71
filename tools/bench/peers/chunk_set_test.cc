// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/chunk_set.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

constexpr ChunkSetOptions kOptions = {.payload_bytes = 8192, .payloads = 5, .batch = 2, .submitters = 2};

std::vector<std::string> Keys(const std::function<Batch(int, size_t)>& batch_of, size_t batches) {
  std::vector<std::string> keys;
  for (int submitter = 0; submitter < kOptions.submitters; ++submitter) {
    for (size_t i = 0; i < batches; ++i) {
      const Batch batch = batch_of(submitter, i);
      keys.insert(keys.end(), batch.keys.begin(), batch.keys.end());
    }
  }
  return keys;
}

TEST(ChunkSetTest, GetsWhatIsPutInAnotherOrder) {
  ChunkSet chunks(kOptions);
  ASSERT_EQ(chunks.batches(), 3u);
  std::vector<std::string> put = Keys([&](int s, size_t i) { return chunks.PutBatch(s, i); }, 3);
  std::vector<std::string> got = Keys([&](int s, size_t i) { return chunks.GetBatch(s, i); }, 3);
  EXPECT_EQ(std::set<std::string>(put.begin(), put.end()).size(), 10u);
  EXPECT_NE(put, got);
  std::ranges::sort(put);
  std::ranges::sort(got);
  EXPECT_EQ(put, got);
}

TEST(ChunkSetTest, LastBatchIsSmaller) {
  ChunkSet chunks(kOptions);
  EXPECT_EQ(chunks.PutBatch(0, 2).keys.size(), 1u);
  EXPECT_EQ(chunks.PutBatch(0, 2).payloads.size(), 8192u);
}

TEST(ChunkSetTest, SubmittersShareNoMemory) {
  ChunkSet chunks(kOptions);
  const Batch first = chunks.PutBatch(0, 0);
  const Batch second = chunks.PutBatch(1, 0);
  EXPECT_EQ(chunks.Verify(first), absl::OkStatus());
  EXPECT_EQ(chunks.Verify(second), absl::OkStatus());
  EXPECT_EQ(first.payloads.data() + first.payloads.size(), second.payloads.data());
}

TEST(ChunkSetTest, SeesEveryWrongByte) {
  ChunkSet chunks(kOptions);
  const Batch batch = chunks.PutBatch(0, 0);
  for (const size_t place : {0, 7, 8, 4095, 4096, 8191, 8192, 16383}) {
    batch.payloads[place] ^= std::byte{1};
    EXPECT_TRUE(absl::IsDataLoss(chunks.Verify(batch))) << place;
    batch.payloads[place] ^= std::byte{1};
  }
  EXPECT_EQ(chunks.Verify(batch), absl::OkStatus());
}

TEST(ChunkSetTest, SeesSwappedPayloadsAndBlocks) {
  ChunkSet chunks(kOptions);
  const Batch batch = chunks.PutBatch(0, 0);
  std::ranges::swap_ranges(batch.payload(0), batch.payload(1));
  EXPECT_TRUE(absl::IsDataLoss(chunks.Verify(batch)));
  std::ranges::swap_ranges(batch.payload(0), batch.payload(1));
  std::ranges::swap_ranges(batch.payload(0).first(4096), batch.payload(0).last(4096));
  EXPECT_TRUE(absl::IsDataLoss(chunks.Verify(batch)));
}

TEST(ChunkSetTest, SeesThatNothingArrived) {
  ChunkSet chunks(kOptions);
  const Batch batch = chunks.PutBatch(0, 0);
  ChunkSet::Clear(batch);
  EXPECT_TRUE(absl::IsDataLoss(chunks.Verify(batch)));
}

}  // namespace
}  // namespace slotwise
