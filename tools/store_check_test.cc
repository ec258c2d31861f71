// SPDX-License-Identifier: Apache-2.0
#include "tools/store_check.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "iouring/open_device.h"
#include "rawblock/clock.h"
#include "rawblock/raw_block_core.h"
#include "tools/payload_pattern.h"
#include "tools/read_only_store.h"
#include "tools/store_plan.h"

namespace slotwise {
namespace {

constexpr int kEntries = 30;
constexpr uint64_t kPayloadBytes = 50'000;

// A store in a file with kEntries payloads "key 0", "key 1", ...
class StoreCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    StoreRequest request;
    request.path = path_;
    request.capacity_bytes = 16 << 20;
    request.sizes = {{kPayloadBytes}, {kPayloadBytes}};
    request.buffered = true;
    absl::StatusOr<OpenedDevice> opened = OpenPlannedStore(PlanStoreToFormat(request).value());
    ASSERT_TRUE(opened.ok()) << opened.status();
    SystemClock clock;
    const auto core = RawBlockCore::Open(opened->device.get(), &clock, {}).value();
    std::vector<std::byte> payload(kPayloadBytes);
    FillPattern(payload, 1);
    for (int i = 0; i < kEntries; ++i) {
      core->Put(absl::StrCat("key ", i), payload, {},
                [](const absl::StatusOr<PutOutcome>& outcome) { EXPECT_TRUE(outcome.ok()) << outcome.status(); });
    }
    ASSERT_TRUE(core->Close().ok());
    core->ForEach([&](const EntryView& entry) {
      if (entry.key == "key 7") key_7_offset_ = core->header().layout.ByteOffset(entry.placement.front().start());
    });
  }

  void TearDown() override { std::filesystem::remove(path_); }

  void Overwrite(uint64_t offset, const std::string& bytes) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file << bytes;
  }

  std::string Contents() {
    std::ifstream in(path_, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }

  StoreCheck Check(bool payloads = true) {
    const std::string before = Contents();
    const auto store = ReadOnlyStore::Open(path_, /*buffered=*/true);
    EXPECT_TRUE(store.ok()) << store.status();
    const StoreCheck check = CheckStore(store->get(), payloads).value();
    EXPECT_EQ(Contents(), before) << "checking changed the store";
    return check;
  }

  const std::string path_ =
      testing::TempDir() + "/store_check_test_" + testing::UnitTest::GetInstance()->current_test_info()->name();
  uint64_t key_7_offset_ = 0;
};

TEST_F(StoreCheckTest, ASoundStoreIsOk) {
  const StoreCheck check = Check();
  EXPECT_TRUE(check.ok());
  EXPECT_EQ(check.entries, static_cast<uint64_t>(kEntries));
  EXPECT_EQ(check.payload_bytes, kEntries * kPayloadBytes);
}

TEST_F(StoreCheckTest, FindsADamagedPayload) {
  Overwrite(key_7_offset_ + kPayloadBytes - 1, "!");
  EXPECT_EQ(Check().keys_bad, std::vector<std::string>{"key 7"});
  EXPECT_FALSE(Check().ok());
  EXPECT_TRUE(Check(/*payloads=*/false).ok());
}

TEST_F(StoreCheckTest, FindsADamagedSuperblockCopy) {
  Overwrite(100, "!");
  const StoreCheck check = Check();
  EXPECT_EQ(check.superblock_copies_bad, 1u);
  EXPECT_FALSE(check.ok());
}

TEST_F(StoreCheckTest, AStoreThatCannotBeRecoveredIsAnError) {
  std::filesystem::resize_file(path_, 8 << 20);
  EXPECT_FALSE(ReadOnlyStore::Open(path_, /*buffered=*/true).ok());
}

}  // namespace
}  // namespace slotwise
