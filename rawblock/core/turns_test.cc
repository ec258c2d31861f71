// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/turns.h"

#include <cstdint>
#include <deque>

#include "gtest/gtest.h"
#include "iouring/aligned_buffer.h"

namespace slotwise {
namespace {

constexpr uint32_t kBlock = 4096;

using Kind = Operation::Kind;

class TurnsTest : public testing::Test {
 protected:
  ~TurnsTest() override { turns_.CheckInvariants(); }

  const void* aligned() const { return memory_.span().data(); }
  const void* unaligned() const { return memory_.span().data() + 1; }
  // One that waits in line; `bytes` of memory that is aligned or not.
  Operation* Await(Kind kind, bool is_aligned = true, uint64_t bytes = kBlock) {
    Operation* operation = &operations_.emplace_back();
    operation->kind = kind;
    operation->memory = memory_.span().subspan(is_aligned ? 0 : 1);
    operation->payload_bytes = bytes;
    turns_.Await(operation);
    return operation;
  }

  AlignedBuffer memory_{kBlock, kBlock};
  std::deque<Operation> operations_;
  Turns turns_{2, 512, kBlock};
};

TEST_F(TurnsTest, EndsWhatItCounts) {
  AlignedBuffer first = turns_.Take(Kind::kPut, aligned(), 100);
  AlignedBuffer second = turns_.Take(Kind::kGet, aligned(), 100);
  EXPECT_FALSE(turns_.Available(Kind::kPut, aligned(), 0));
  EXPECT_FALSE(turns_.Available(Kind::kGet, aligned(), 0));
  turns_.CheckInvariants();
  turns_.End(Kind::kPut, &first);
  EXPECT_TRUE(turns_.Available(Kind::kPut, aligned(), 0));
  EXPECT_EQ(turns_.taken(), 1);
  EXPECT_EQ(turns_.ended(), 1u);
  turns_.End(Kind::kGet, &second);
}

TEST_F(TurnsTest, CopiesOnlyForUnalignedMemoryInWholeBlocks) {
  AlignedBuffer none = turns_.Take(Kind::kPut, aligned(), kBlock + 1);
  EXPECT_EQ(none.size(), 0u);
  AlignedBuffer staging = turns_.Take(Kind::kPut, unaligned(), kBlock + 1);
  EXPECT_EQ(staging.size(), 2 * kBlock);
  EXPECT_EQ(turns_.staging_bytes(), 2 * kBlock);
  turns_.End(Kind::kPut, &staging);
  EXPECT_EQ(turns_.staging_bytes(), 0u);
  EXPECT_EQ(staging.size(), 0u);
  turns_.End(Kind::kPut, &none);
}

TEST_F(TurnsTest, ALoneCopyMayBeOfAnySizeAndTwoOfAKindShareTheLimit) {
  EXPECT_TRUE(turns_.Available(Kind::kPut, unaligned(), Turns::kStagingBytesMax + 1));
  AlignedBuffer staging = turns_.Take(Kind::kPut, unaligned(), kBlock);
  EXPECT_TRUE(turns_.Available(Kind::kPut, unaligned(), Turns::kStagingBytesMax - kBlock));
  EXPECT_FALSE(turns_.Available(Kind::kPut, unaligned(), Turns::kStagingBytesMax - kBlock + 1));
  EXPECT_TRUE(turns_.Available(Kind::kPut, aligned(), Turns::kStagingBytesMax + 1));
  EXPECT_TRUE(turns_.Available(Kind::kGet, unaligned(), Turns::kStagingBytesMax + 1)) << "gets have their own";
  turns_.End(Kind::kPut, &staging);
}

TEST_F(TurnsTest, FirstInLineFirstInALineForEachKind) {
  EXPECT_EQ(turns_.First(Kind::kPut), nullptr);
  Operation* put = Await(Kind::kPut);
  Operation* get = Await(Kind::kGet);
  Operation* later_get = Await(Kind::kGet);
  EXPECT_EQ(turns_.waiting(), 3u);
  EXPECT_EQ(turns_.waiting(Kind::kGet).size(), 2u);
  EXPECT_EQ(turns_.First(Kind::kGet), get) << "the put has come first, and waits in a line of its own";
  turns_.LeaveLine(Kind::kGet);
  AlignedBuffer first = turns_.Take(Kind::kGet, aligned(), 1);
  EXPECT_EQ(turns_.First(Kind::kGet), later_get);
  EXPECT_EQ(turns_.First(Kind::kPut), put);
  AlignedBuffer second = turns_.Take(Kind::kPut, aligned(), 1);
  EXPECT_EQ(turns_.First(Kind::kGet), nullptr) << "two have their turn";
  turns_.End(Kind::kPut, &second);
  EXPECT_EQ(turns_.First(Kind::kGet), later_get);
  turns_.End(Kind::kGet, &first);
}

TEST_F(TurnsTest, AGetWaitsForNoPutThatWaitsForStagingMemory) {
  AlignedBuffer staging = turns_.Take(Kind::kPut, unaligned(), kBlock);
  Await(Kind::kPut, /*is_aligned=*/false, Turns::kStagingBytesMax);
  Await(Kind::kPut);
  EXPECT_EQ(turns_.First(Kind::kPut), nullptr);
  Operation* get = Await(Kind::kGet, /*is_aligned=*/false, kBlock);
  EXPECT_EQ(turns_.First(Kind::kGet), get);
  turns_.End(Kind::kPut, &staging);
  EXPECT_NE(turns_.First(Kind::kPut), nullptr);
}

}  // namespace
}  // namespace slotwise
