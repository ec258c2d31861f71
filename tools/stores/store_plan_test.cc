// SPDX-License-Identifier: Apache-2.0
#include "tools/stores/store_plan.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "allocator/allocator_options.h"
#include "gtest/gtest.h"
#include "iouring/open_device.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/disk/superblock_io.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

constexpr uint64_t kMiB = uint64_t{1} << 20;

// "" if there is none.
std::string Contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

class StorePlanTest : public testing::Test {
 protected:
  ~StorePlanTest() override { std::filesystem::remove(path_); }

  StoreRequest Request(uint64_t capacity_bytes = 0, std::optional<Engine> engine = std::nullopt,
                       uint64_t payload_bytes = 100'000) {
    StoreRequest request;
    request.path = path_;
    request.capacity_bytes = capacity_bytes;
    request.engine = engine;
    request.sizes = {{payload_bytes}, {payload_bytes}};
    request.buffered = true;
    return request;
  }

  void Make(const StoreRequest& request) {
    const absl::StatusOr<StorePlan> plan = PlanStoreToFormat(request);
    ASSERT_TRUE(plan.ok()) << plan.status();
    const absl::StatusOr<OpenedDevice> opened = OpenPlannedStore(*plan);
    ASSERT_TRUE(opened.ok()) << opened.status();
  }

  StoreHeader Header() {
    const absl::StatusOr<OpenedDevice> opened =
        OpenDevice(path_, {.file = {.read_only = true, .buffered = true}, .queue_depth = 1});
    return ReadStoreHeader(opened->device.get(), nullptr).value();
  }

  // Expects that `request` is refused for a reason that has `code` and mentions
  // `text`, and that the file is as it was.
  void ExpectRefused(const StoreRequest& request, absl::StatusCode code, const char* text) {
    const bool existed = std::filesystem::exists(path_);
    const std::string before = Contents(path_);
    const absl::Status status = PlanStoreToUse(request).status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_NE(status.message().find(absl::string_view(text)), absl::string_view::npos) << status;
    EXPECT_NE(status.message().find(absl::string_view(path_)), absl::string_view::npos) << status;
    EXPECT_EQ(std::filesystem::exists(path_), existed);
    EXPECT_EQ(Contents(path_), before);
  }

  const std::string path_ =
      testing::TempDir() + "/store_plan_test_" + testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(StorePlanTest, PlanningChangesNothing) {
  ASSERT_TRUE(PlanStoreToUse(Request(4 * kMiB)).ok());
  ASSERT_TRUE(PlanStoreToFormat(Request(4 * kMiB)).ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(StorePlanTest, CreatesAMissingFileAndOpensItAgain) {
  Make(Request(4 * kMiB, Engine::kBuddy));
  EXPECT_EQ(std::filesystem::file_size(path_), 4 * kMiB);
  const StoreHeader made = Header();
  EXPECT_EQ(made.allocator.engine, Engine::kBuddy);
  EXPECT_NE(made.salt, 0u);
  EXPECT_EQ(UuidString(made.uuid)[14], '4');

  for (const StoreRequest& request : {Request(), Request(4 * kMiB), Request(0, Engine::kBuddy)}) {
    const absl::StatusOr<StorePlan> plan = PlanStoreToUse(request);
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_FALSE(plan->format.has_value());
    ASSERT_TRUE(OpenPlannedStore(*plan).ok());
    EXPECT_EQ(UuidString(Header().uuid), UuidString(made.uuid));
  }
}

TEST_F(StorePlanTest, AnExistingStoreMustSuitTheRequest) {
  Make(Request(4 * kMiB, Engine::kFixedSlot));
  ExpectRefused(Request(8 * kMiB), absl::StatusCode::kInvalidArgument, "capacity of 4194304 bytes");
  ExpectRefused(Request(0, Engine::kSlab), absl::StatusCode::kInvalidArgument,
                "formatted with fixed (slots of 100 KiB)");
  ExpectRefused(Request(0, Engine::kFixedSlot, 50'000), absl::StatusCode::kInvalidArgument, "not with fixed (slots of");
  ExpectRefused(Request(0, std::nullopt, 200'000), absl::StatusCode::kInvalidArgument, "larger than the largest slot");
}

TEST_F(StorePlanTest, RefusesWhatIsNoStore) {
  ExpectRefused(Request(), absl::StatusCode::kNotFound, "does not exist");
  std::ofstream(path_) << std::string(4 * kMiB, 'x');
  ExpectRefused(Request(), absl::StatusCode::kFailedPrecondition, "not formatted by Slotwise");
}

TEST_F(StorePlanTest, RefusesACapacityThatDoesNotFit) {
  ExpectRefused(Request(4096), absl::StatusCode::kInvalidArgument, "too small");
  std::ofstream(path_) << std::string(2 * kMiB, 'x');
  StoreRequest larger = Request(4 * kMiB);
  larger.force = true;
  ExpectRefused(larger, absl::StatusCode::kInvalidArgument, "larger than the device");
  EXPECT_EQ(std::filesystem::file_size(path_), 2 * kMiB);
}

TEST_F(StorePlanTest, AnEmptyFileIsAsGoodAsNone) {
  std::ofstream(path_).close();
  ExpectRefused(Request(), absl::StatusCode::kInvalidArgument, "an empty file; give a capacity");
  const absl::StatusOr<StorePlan> plan = PlanStoreToUse(Request(4 * kMiB));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(std::filesystem::file_size(path_), 0u);
  ASSERT_TRUE(OpenPlannedStore(*plan).ok());
  EXPECT_EQ(Header().layout.device_bytes, 4 * kMiB);
}

TEST_F(StorePlanTest, AShortBlankFileIsGivenItsCapacity) {
  std::ofstream(path_) << std::string(2 * kMiB, '\0');
  Make(Request(4 * kMiB));
  EXPECT_EQ(std::filesystem::file_size(path_), 4 * kMiB);
  EXPECT_EQ(Header().layout.device_bytes, 4 * kMiB);
}

TEST_F(StorePlanTest, SaysWhyItCannotLook) {
  std::filesystem::create_symlink("nothing", path_);
  ExpectRefused(Request(4 * kMiB), absl::StatusCode::kFailedPrecondition, "a link to what does not exist");
}

TEST_F(StorePlanTest, RefusesAStoreInUse) {
  Make(Request(4 * kMiB));
  const absl::StatusOr<OpenedDevice> user = OpenDevice(path_, {.file = {.buffered = true}, .queue_depth = 1});
  ASSERT_TRUE(user.ok());
  ExpectRefused(Request(), absl::StatusCode::kFailedPrecondition, "in use");
}

TEST_F(StorePlanTest, OnlyForceOverwrites) {
  for (const char content : {'x', '\0'}) {
    std::ofstream(path_) << "head" << std::string(4 * kMiB, content);
    const std::string before = Contents(path_);
    const absl::StatusOr<OpenedDevice> refused = OpenPlannedStore(*PlanStoreToFormat(Request()));
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition) << refused.status();
    EXPECT_EQ(Contents(path_), before);
    StoreRequest forced = Request();
    forced.force = true;
    Make(forced);
    EXPECT_EQ(Header().allocator.engine, Engine::kExtent);
  }
}

TEST_F(StorePlanTest, AFileThatCannotBeFinishedIsRemoved) {
  absl::StatusOr<StorePlan> plan = PlanStoreToFormat(Request(4 * kMiB));
  ASSERT_TRUE(plan.ok());
  plan->format->sizes = {{8 * kMiB}, {8 * kMiB}};
  EXPECT_FALSE(OpenPlannedStore(*plan).ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace slotwise
