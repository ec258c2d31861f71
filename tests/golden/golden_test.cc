// SPDX-License-Identifier: Apache-2.0
// The stores of the first version of the format open, and hold what they held.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "allocator/allocator_options.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/make/store_check.h"
#include "rawblock/testing/memory_device.h"
#include "tests/golden/golden_store.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class GoldenTest : public ::testing::TestWithParam<AllocatorOptions::Engine> {
 protected:
  GoldenTest() : device_(kGoldenBytes) {
    const std::string path = "tests/golden/version_2_" + std::string(EngineName(GetParam())) + ".image";
    std::ifstream file(path, std::ios::binary);
    const std::string image(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(image.size(), kGoldenBytes) << path;
    std::memcpy(device_.bytes().data(), image.data(), std::min(image.size(), device_.bytes().size()));
  }

  std::vector<std::byte> Get(RawBlockCore* core, const std::string& key) {
    std::vector<std::byte> payload(core->Exists(key).value_or(0));
    core->Get(key, payload, [&](const absl::StatusOr<uint64_t>& bytes) { EXPECT_TRUE(bytes.ok()) << bytes.status(); });
    while (!core->idle()) EXPECT_TRUE(core->Poll(absl::InfiniteDuration()).ok());
    return payload;
  }

  MemoryDevice device_;
  SystemClock clock_;
};

INSTANTIATE_TEST_SUITE_P(Engines, GoldenTest, ::testing::ValuesIn(kGoldenEngines),
                         [](const auto& engine) { return std::string(EngineName(engine.param)); });

TEST_P(GoldenTest, EveryKeyAndPayloadIsThere) {
  const std::unique_ptr<RawBlockCore> core = RawBlockCore::Open(&device_, &clock_, {}).value();
  const std::map<std::string, std::vector<std::byte>> entries = GoldenEntries();
  EXPECT_EQ(core->occupancy().entries, entries.size());
  for (const auto& [key, payload] : entries) EXPECT_EQ(Get(core.get(), key), payload) << key;
  for (const std::string& key : GoldenRemovedKeys()) EXPECT_FALSE(core->Exists(key).has_value()) << key;
  core->CheckInvariants();
}

TEST_P(GoldenTest, TheHeaderSaysWhatItSaid) {
  const std::unique_ptr<RawBlockCore> core = RawBlockCore::Open(&device_, &clock_, {}).value();
  const StoreHeader& header = core->header();
  EXPECT_THAT(UuidString(header.uuid), HasSubstr("51073153-0102-0304-0506-0708090a0b"));
  EXPECT_EQ(header.salt, kGoldenSalt);
  EXPECT_EQ(header.created_unix_seconds, kGoldenCreated);
  EXPECT_EQ(header.max_entries, kGoldenEntriesMax);
  EXPECT_EQ(header.max_key_bytes, 192u);
  EXPECT_EQ(header.allocator.engine, GetParam());
  EXPECT_EQ(core->recovery().checkpoint_sequence, 2u);
  EXPECT_EQ(core->recovery().checkpoint_records, 16u);
}

TEST_P(GoldenTest, NothingIsWrongWithIt) {
  const StoreCheckReport report = CheckStore(&device_, {.payloads = true}, [](uint64_t, uint64_t) {}).value();
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.payloads_verified, GoldenEntries().size());
}

// As long as version 2 is the newest, its images are made bit by bit as ever.
TEST_P(GoldenTest, IsMadeTheSameToday) {
  MemoryDevice today(kGoldenBytes);
  MakeGoldenStore(GetParam(), &today);
  EXPECT_TRUE(std::ranges::equal(device_.bytes(), today.bytes()));
}

TEST_P(GoldenTest, ANewerVersionIsRefusedAndLeftAsItIs) {
  for (uint64_t copy = 0; copy < format::kSuperblockCopies; ++copy) {
    format::Superblock superblock;
    std::byte* const at = device_.bytes().data() + copy * format::kSuperblockStride;
    std::memcpy(&superblock, at, sizeof(superblock));
    superblock.version = format::kVersion + 1;
    superblock.checksum =
        MetadataChecksum(0, std::as_bytes(std::span(&superblock, 1)).first(offsetof(format::Superblock, checksum)));
    std::memcpy(at, &superblock, sizeof(superblock));
  }
  const std::vector<std::byte> before(device_.bytes().begin(), device_.bytes().end());
  const absl::Status status = RawBlockCore::Open(&device_, &clock_, {}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("format version 3 is newer than this program's 2"));
  EXPECT_TRUE(std::ranges::equal(device_.bytes(), before));
}

}  // namespace
}  // namespace slotwise
