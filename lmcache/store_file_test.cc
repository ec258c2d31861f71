// SPDX-License-Identifier: Apache-2.0
#include "lmcache/store_file.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "allocator/allocator_options.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "iouring/open_device.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/disk/superblock_io.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;
using Engine = AllocatorOptions::Engine;

constexpr uint64_t kCapacity = 16 << 20;

class StoreFileTest : public testing::Test {
 protected:
  StoreFileTest() {
    ::unlink(path_.c_str());
    options_.device.file.buffered = true;
  }
  ~StoreFileTest() override { ::unlink(path_.c_str()); }

  StoreHeader Header() {
    const OpenedDevice opened = OpenDevice(path_, options_.device).value();
    const StoreHeader header = ReadStoreHeader(opened.device.get(), nullptr).value();
    EXPECT_TRUE(opened.device->Close().ok());
    return header;
  }

  void Write(const std::string& text) {
    std::ofstream(path_) << text;
    std::filesystem::resize_file(path_, kCapacity);
  }

  std::string Head() {
    std::ifstream file(path_);
    std::string head(4096, '?');
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    return head;
  }

  absl::Status Prepare() { return PrepareStore(path_, options_); }

  const std::string path_ = absl::StrCat(testing::TempDir(), "/store_file");
  StoreFileOptions options_;
};

TEST_F(StoreFileTest, LeavesAMissingFileMissingUnlessAsked) {
  const absl::Status status = Prepare();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("create=True"));
  EXPECT_THAT(std::string(status.message()), HasSubstr(path_));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(StoreFileTest, CreatesAMissingFileOfTheCapacity) {
  options_.create = true;
  EXPECT_EQ(Prepare().code(), absl::StatusCode::kInvalidArgument);
  options_.capacity_bytes = kCapacity + 1;
  ASSERT_TRUE(Prepare().ok()) << Prepare();
  EXPECT_EQ(std::filesystem::file_size(path_), kCapacity);
  EXPECT_EQ(Header().layout.device_bytes, kCapacity);
}

TEST_F(StoreFileTest, CreatesNoFileAmongDevices) {
  options_.create = true;
  options_.capacity_bytes = kCapacity;
  EXPECT_EQ(PrepareStore("/dev/slotwise_store_file_test", options_).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists("/dev/slotwise_store_file_test"));
}

TEST_F(StoreFileTest, UsesAStoreAsItIs) {
  options_.create = true;
  options_.capacity_bytes = kCapacity;
  ASSERT_TRUE(Prepare().ok());
  const Uuid uuid = Header().uuid;
  options_.engine = Engine::kBuddy;
  options_.capacity_bytes = kCapacity / 2;
  EXPECT_TRUE(Prepare().ok());
  options_.create = false;
  EXPECT_TRUE(Prepare().ok());
  EXPECT_EQ(Header().uuid, uuid);
  EXPECT_EQ(Header().allocator.engine, Engine::kExtent);
  EXPECT_EQ(Header().layout.device_bytes, kCapacity);
}

TEST_F(StoreFileTest, FormatsABlankFileOnlyWhenAsked) {
  Write("");
  const absl::Status refused = Prepare();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("create=True"));
  options_.create = true;
  EXPECT_TRUE(Prepare().ok());
  EXPECT_EQ(Header().layout.device_bytes, kCapacity);
}

TEST_F(StoreFileTest, AnEmptyOrShortBlankFileIsGivenTheCapacity) {
  options_.create = true;
  for (const uint64_t bytes : {uint64_t{0}, kCapacity / 2}) {
    std::ofstream(path_).close();
    std::filesystem::resize_file(path_, bytes);
    options_.capacity_bytes = 0;
    EXPECT_EQ(Prepare().code(), bytes == 0 ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kOk);
    std::filesystem::resize_file(path_, 0);
    std::filesystem::resize_file(path_, bytes);
    options_.capacity_bytes = kCapacity;
    ASSERT_TRUE(Prepare().ok()) << Prepare();
    EXPECT_EQ(Header().layout.device_bytes, kCapacity);
  }
}

TEST_F(StoreFileTest, LeavesSomebodyElsesDataAlone) {
  Write("somebody else's");
  const std::string before = Head();
  EXPECT_EQ(Prepare().code(), absl::StatusCode::kFailedPrecondition);
  options_.create = true;
  const absl::Status refused = Prepare();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("not blank"));
  EXPECT_EQ(Head(), before);
}

TEST_F(StoreFileTest, RemovesAFileThatCouldNotBeFormatted) {
  options_ = {.create = true,
              .capacity_bytes = kCapacity,
              .payload_bytes = kCapacity,
              .engine = Engine::kSlab,
              .device = options_.device};
  const absl::Status refused = Prepare();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("too small"));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(StoreFileTest, HasEntriesForSmallPayloadsToo) {
  options_ = {.create = true,
              .capacity_bytes = kCapacity * 4,
              .payload_bytes = 8 << 20,
              .engine = Engine::kExtent,
              .device = options_.device};
  ASSERT_TRUE(Prepare().ok());
  EXPECT_GE(Header().max_entries, 4096u);
}

TEST_F(StoreFileTest, HasEntriesForThePayloadsThatWereAnnounced) {
  options_ = {.create = true,
              .capacity_bytes = kCapacity,
              .payload_bytes = 4096,
              .engine = Engine::kExtent,
              .device = options_.device};
  ASSERT_TRUE(Prepare().ok());
  EXPECT_GE(Header().max_entries, Header().layout.data_blocks);
}

class EngineTest : public StoreFileTest, public testing::WithParamInterface<Engine> {};

TEST_P(EngineTest, MakesAStoreForThePayload) {
  options_ = {.create = true,
              .capacity_bytes = kCapacity,
              .payload_bytes = 100'000,
              .engine = GetParam(),
              .device = options_.device};
  ASSERT_TRUE(Prepare().ok()) << Prepare();
  EXPECT_EQ(Header().allocator.engine, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Engines, EngineTest, testing::ValuesIn(kAllocatorEngines),
                         [](const auto& engine) { return std::string(EngineName(engine.param)); });

}  // namespace
}  // namespace slotwise
