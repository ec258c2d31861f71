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
  EXPECT_FALSE(turns_.Available());
  turns_.CheckInvariants();
  turns_.End(&first);
  EXPECT_TRUE(turns_.Available());
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

}  // namespace
}  // namespace slotwise
