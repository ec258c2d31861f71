// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/turns.h"

#include "gtest/gtest.h"
#include "iouring/aligned_buffer.h"

namespace slotwise {
namespace {

constexpr uint32_t kBlock = 4096;

class TurnsTest : public testing::Test {
 protected:
  const void* aligned() const { return memory_.span().data(); }
  const void* unaligned() const { return memory_.span().data() + 1; }

  AlignedBuffer memory_{kBlock, kBlock};
  Turns turns_{2, 512, kBlock};
};

TEST_F(TurnsTest, EndsWhatItCounts) {
  AlignedBuffer first = turns_.Take(aligned(), 100);
  AlignedBuffer second = turns_.Take(aligned(), 100);
  EXPECT_FALSE(turns_.Available(aligned(), 0));
  turns_.CheckInvariants();
  turns_.End(&first);
  EXPECT_TRUE(turns_.Available(aligned(), 0));
  EXPECT_EQ(turns_.taken(), 1);
  EXPECT_EQ(turns_.ended(), 1u);
  turns_.End(&second);
  turns_.CheckInvariants();
}

TEST_F(TurnsTest, CopiesOnlyForUnalignedMemoryInWholeBlocks) {
  AlignedBuffer none = turns_.Take(aligned(), kBlock + 1);
  EXPECT_EQ(none.size(), 0u);
  AlignedBuffer staging = turns_.Take(unaligned(), kBlock + 1);
  EXPECT_EQ(staging.size(), 2 * kBlock);
  EXPECT_EQ(turns_.staging_bytes(), 2 * kBlock);
  turns_.End(&staging);
  EXPECT_EQ(turns_.staging_bytes(), 0u);
  EXPECT_EQ(staging.size(), 0u);
}

TEST_F(TurnsTest, ALoneCopyMayBeOfAnySizeAndTwoShareTheLimit) {
  EXPECT_TRUE(turns_.Available(unaligned(), Turns::kStagingBytesMax + 1));
  AlignedBuffer staging = turns_.Take(unaligned(), kBlock);
  EXPECT_TRUE(turns_.Available(unaligned(), Turns::kStagingBytesMax - kBlock));
  EXPECT_FALSE(turns_.Available(unaligned(), Turns::kStagingBytesMax - kBlock + 1));
  EXPECT_TRUE(turns_.Available(aligned(), Turns::kStagingBytesMax + 1));
  turns_.End(&staging);
}

TEST_F(TurnsTest, FirstInLineFirstAndARemovalNotWhileTheJournalIsBehind) {
  Operation get;
  get.kind = Operation::Kind::kGet;
  Operation remove;
  remove.kind = Operation::Kind::kRemove;
  EXPECT_EQ(turns_.Next(/*journal_behind=*/false), nullptr);
  turns_.Await(&get);
  turns_.Await(&remove);
  turns_.Await(&get);
  EXPECT_EQ(turns_.CountWaiting(Operation::Kind::kGet), 2u);
  EXPECT_EQ(turns_.Next(/*journal_behind=*/true), &get) << "a get needs no record";
  EXPECT_EQ(turns_.Next(/*journal_behind=*/true), nullptr) << "nobody overtakes the removal";
  EXPECT_EQ(turns_.Next(/*journal_behind=*/false), &remove);
  AlignedBuffer first = turns_.Take(aligned(), 1);
  AlignedBuffer second = turns_.Take(aligned(), 1);
  EXPECT_EQ(turns_.Next(/*journal_behind=*/false), nullptr);
  turns_.End(&first);
  EXPECT_EQ(turns_.Next(/*journal_behind=*/false), &get);
  EXPECT_EQ(turns_.waiting(), 0u);
  turns_.End(&second);
}

}  // namespace
}  // namespace slotwise
