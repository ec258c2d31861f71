// SPDX-License-Identifier: Apache-2.0
#include "slotwise/create_store.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "allocator/allocator_options.h"
#include "gtest/gtest.h"
#include "iouring/device_file.h"
#include "slotwise/raw_block_store.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

class CreateStoreTest : public testing::Test {
 protected:
  CreateStoreTest() { std::filesystem::remove(path_); }
  ~CreateStoreTest() override { std::filesystem::remove(path_); }

  CreateStoreOptions Options(Engine engine, uint64_t payload_bytes) const {
    return {.capacity_bytes = 16 << 20, .payload_bytes = payload_bytes, .engine = engine, .file = {.buffered = true}};
  }

  absl::Status Open() const {
    RawBlockStoreOptions options;
    options.device.file.buffered = true;
    return RawBlockStore::Open({&path_, 1}, options).status();
  }

  std::string Contents() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::string path_ = testing::TempDir() + "/create_store_test";
};

TEST_F(CreateStoreTest, MakesAFileOfEveryEngine) {
  for (const Engine engine : {Engine::kFixedSlot, Engine::kBuddy, Engine::kSlab, Engine::kExtent}) {
    std::filesystem::remove(path_);
    const absl::Status created = CreateStore(path_, Options(engine, 64 << 10));
    EXPECT_TRUE(created.ok()) << created;
    EXPECT_TRUE(Open().ok());
  }
}

TEST_F(CreateStoreTest, FormatsABlankFileThatIsThere) {
  ASSERT_TRUE(CreateFile(path_, 16 << 20).ok());
  EXPECT_TRUE(CreateStore(path_, Options(Engine::kExtent, 0)).ok());
  EXPECT_TRUE(Open().ok());
}

TEST_F(CreateStoreTest, LeavesAnythingElseAlone) {
  ASSERT_TRUE(CreateStore(path_, Options(Engine::kExtent, 0)).ok());
  const std::string store = Contents();
  EXPECT_TRUE(absl::IsFailedPrecondition(CreateStore(path_, Options(Engine::kExtent, 0))));
  EXPECT_EQ(Contents(), store);
  std::ofstream(path_, std::ios::binary) << std::string(16 << 20, 'x');
  const std::string strange = Contents();
  EXPECT_TRUE(absl::IsFailedPrecondition(CreateStore(path_, Options(Engine::kExtent, 0))));
  EXPECT_EQ(Contents(), strange);
}

TEST_F(CreateStoreTest, RefusesWhatDoesNotFitAndLeavesNoFile) {
  EXPECT_TRUE(absl::IsInvalidArgument(CreateStore(path_, Options(Engine::kSlab, 0))));
  EXPECT_TRUE(absl::IsInvalidArgument(CreateStore(path_, Options(Engine::kFixedSlot, 0))));
  EXPECT_TRUE(absl::IsInvalidArgument(CreateStore(path_, Options(Engine::kExtent, 1 << 30))));
  EXPECT_TRUE(absl::IsNotFound(CreateStore(path_, {})));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace slotwise
