// SPDX-License-Identifier: Apache-2.0
#include "rawblock/make/format_store.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "iouring/aligned_buffer.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/testing/memory_device.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kBytes = 8 * kMiB;

class FormatStoreTest : public testing::Test {
 protected:
  static FormatOptions Options(bool force = false) {
    FormatOptions options;
    options.max_entries = 64;
    options.salt = 42;
    options.force = force;
    return options;
  }

  absl::Status Format(bool force = false) { return FormatStore(&device_, Options(force)); }

  std::unique_ptr<RawBlockCore> Open() {
    absl::StatusOr<std::unique_ptr<RawBlockCore>> core = RawBlockCore::Open(&device_, &clock_, {});
    CHECK_EQ(core.status(), absl::OkStatus());
    return *std::move(core);
  }

  void Put(std::string_view key) {
    const std::unique_ptr<RawBlockCore> core = Open();
    const AlignedBuffer payload(4096, 4096);
    core->Put(key, payload.span(), {}, [](const absl::StatusOr<PutOutcome>&) {});
    while (!core->idle()) CHECK_EQ(core->Poll(absl::ZeroDuration()), absl::OkStatus());
    CHECK_EQ(core->Close(), absl::OkStatus());
  }

  void ExpectRefused(const std::string& words) {
    const absl::Status refused = Format();
    EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr(words));
    EXPECT_THAT(std::string(refused.message()), HasSubstr("`slotwise format --force`"));
  }

  bool IsZero(uint64_t from, uint64_t to) {
    const auto bytes = device_.bytes().subspan(from, to - from);
    return std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
  }

  MemoryDevice device_{kBytes};
  SystemClock clock_;
};

TEST_F(FormatStoreTest, RefusesADeviceOneEndOfWhichHoldsSomething) {
  for (const uint64_t at : {uint64_t{0}, kMiB - 1, kBytes - kMiB, kBytes - 1}) {
    device_.bytes()[at] = std::byte{1};
    ExpectRefused("not blank (data at byte " + std::to_string(at) + ")");
    device_.bytes()[at] = std::byte{0};
  }
  device_.bytes()[kMiB] = std::byte{1};
  device_.bytes()[kBytes - kMiB - 1] = std::byte{1};
  EXPECT_EQ(Format(), absl::OkStatus());
}

TEST_F(FormatStoreTest, RefusesAStoreWhicheverCopyNamesIt) {
  ASSERT_EQ(Format(), absl::OkStatus());
  ExpectRefused("already holds a Slotwise store");
  device_.bytes()[100] ^= std::byte{1};
  ExpectRefused("already holds a Slotwise store");
  device_.bytes()[format::kSuperblockStride + 100] ^= std::byte{1};
  ExpectRefused("already holds a Slotwise store");
}

TEST_F(FormatStoreTest, ForceClearsBothEnds) {
  std::fill(device_.bytes().begin(), device_.bytes().end(), std::byte{0xee});
  ASSERT_EQ(Format(/*force=*/true), absl::OkStatus());
  EXPECT_TRUE(IsZero(format::kSuperblockBytes, format::kSuperblockStride));
  EXPECT_TRUE(IsZero(format::kSuperblockStride + format::kSuperblockBytes, kMiB));
  EXPECT_TRUE(IsZero(kBytes - kMiB, kBytes));
  EXPECT_EQ(device_.bytes()[kMiB], std::byte{0xee});
  EXPECT_EQ(device_.bytes()[kBytes - kMiB - 1], std::byte{0xee});
}

TEST_F(FormatStoreTest, WithTheSameSaltNothingOfTheOldStoreIsBack) {
  ASSERT_EQ(Format(), absl::OkStatus());
  for (int generation = 0; generation < 4; ++generation) {
    const std::string key = "key " + std::to_string(generation);
    Put(key);
    EXPECT_TRUE(Open()->Exists(key).has_value());
    ASSERT_EQ(Format(/*force=*/true), absl::OkStatus());
    const std::unique_ptr<RawBlockCore> core = Open();
    EXPECT_FALSE(core->Exists(key).has_value());
    EXPECT_EQ(core->recovery().journal_records, 0u);
  }
}

TEST_F(FormatStoreTest, ACapacityCountsInWholeBlocks) {
  FormatOptions options = Options();
  options.capacity_bytes = kBytes + 4095;
  EXPECT_EQ(FormatStore(&device_, options), absl::OkStatus());
  EXPECT_EQ(ReadStoreHeader(&device_, nullptr)->layout.device_bytes, kBytes);
  EXPECT_EQ(WholeBlocks(0, 4096), 0u);
  EXPECT_EQ(WholeBlocks(1, 512), 4096u);
  EXPECT_EQ(WholeBlocks(1'000'000'000, 4096), 999'997'440u);
  EXPECT_EQ(WholeBlocks(100'000, 65536), 65536u);
}

// The second superblock copy is the only thing that a power cut can leave torn while the first is still zeros.
TEST_F(FormatStoreTest, ATornSecondCopyAloneIsNoStoreAndNobodyElses) {
  ASSERT_EQ(Format(), absl::OkStatus());
  const auto first = device_.bytes().first(format::kSuperblockBytes);
  std::fill(first.begin(), first.end(), std::byte{0});
  ExpectRefused("already holds a Slotwise store");  // the second is whole
  device_.bytes()[format::kSuperblockStride + 3000] ^= std::byte{1};
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadStoreHeader(&device_, nullptr).status()));
  EXPECT_EQ(Format(), absl::OkStatus());
  EXPECT_EQ(Open()->recovery().superblock_copies_bad, 0u);
}

}  // namespace
}  // namespace slotwise
