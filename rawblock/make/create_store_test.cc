// SPDX-License-Identifier: Apache-2.0
#include "slotwise/create_store.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "allocator/allocator_options.h"
#include "gtest/gtest.h"
#include "iouring/create_file.h"
#include "iouring/device_file.h"
#include "rawblock/make/foreign_signature.h"
#include "rawblock/make/new_store.h"
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

  static constexpr int kMade = 0;
  static constexpr int kRefused = 1;
  static constexpr int kNameless = 2;

  // A process that makes a store after so many microseconds, and exits with one of these.
  pid_t Create(unsigned delay_us) const {
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::usleep(delay_us);
    const absl::StatusOr<NewStore> store = NewStoreOf(Options(Engine::kExtent, 0));
    absl::StatusOr<MadeStore> made = MakeStore(
        path_, {.file = {.buffered = true, .claim_wait = absl::ZeroDuration()}, .io_engine = IoEngine::kFile}, *store);
    if (!made.ok()) ::_exit(kRefused);
    // Nobody else may open what the path names while this process has its file open.
    const DeviceFileOptions at_once{.buffered = true, .claim_wait = absl::ZeroDuration()};
    const bool claimed = !DeviceFile::Open(path_, at_once).ok() && std::filesystem::exists(path_);
    ::_exit(claimed ? kMade : kNameless);
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
  ASSERT_TRUE(CreateFile(path_, 16 << 20, {.buffered = true}).ok());
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

TEST_F(CreateStoreTest, AnEmptyOrShortBlankFileIsAsGoodAsNone) {
  for (const uint64_t bytes : {uint64_t{0}, uint64_t{1}, uint64_t{5} << 20}) {
    std::ofstream(path_).close();
    std::filesystem::resize_file(path_, bytes);
    const absl::Status created = CreateStore(path_, Options(Engine::kExtent, 0));
    EXPECT_TRUE(created.ok()) << created;
    EXPECT_EQ(std::filesystem::file_size(path_), 16u << 20);
    EXPECT_TRUE(Open().ok());
    std::filesystem::remove(path_);
  }
}

TEST_F(CreateStoreTest, AShortFileThatHoldsSomethingIsNotMadeLonger) {
  std::ofstream(path_) << "x";
  EXPECT_TRUE(absl::IsInvalidArgument(CreateStore(path_, Options(Engine::kExtent, 0))));
  std::ofstream(path_, std::ios::binary) << std::string(5 << 20, '\0') << "x";
  EXPECT_TRUE(absl::IsInvalidArgument(CreateStore(path_, Options(Engine::kExtent, 0))));
  EXPECT_EQ(std::filesystem::file_size(path_), (5u << 20) + 1);
}

TEST_F(CreateStoreTest, AnEmptyFileNeedsACapacity) {
  std::ofstream(path_).close();
  EXPECT_TRUE(absl::IsInvalidArgument(CreateStore(path_, {})));
  EXPECT_EQ(std::filesystem::file_size(path_), 0u);
}

TEST_F(CreateStoreTest, ReservesAllOfASparseFile) {
  std::ofstream(path_).close();
  std::filesystem::resize_file(path_, 16 << 20);
  ASSERT_TRUE(CreateStore(path_, Options(Engine::kExtent, 0)).ok());
  struct stat info;
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_GE(info.st_blocks * 512, 16 << 20);
}

TEST_F(CreateStoreTest, CapacitiesCountInWholeBlocks) {
  CreateStoreOptions options = Options(Engine::kExtent, 0);
  options.capacity_bytes = 10'000'000;
  for (const bool exists : {false, true}) {
    std::filesystem::remove(path_);
    if (exists) std::ofstream(path_, std::ios::binary) << std::string(options.capacity_bytes, '\0');
    const absl::Status created = CreateStore(path_, options);
    EXPECT_TRUE(created.ok()) << created;
    EXPECT_TRUE(Open().ok());
  }
}

// A mark of another's that leaves both ends of the device blank.
TEST_F(CreateStoreTest, NamesWhoseTheDeviceIsAndForceClearsIt) {
  ASSERT_TRUE(CreateFile(path_, 16 << 20, {.buffered = true}).ok());
  std::string mark(8192, '\0');
  mark.replace(0, 4, "\x0d\xd0\x01\xc0");  // VMFS_volume_member
  std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary).seekp(1 << 20) << mark;
  const absl::Status refused = CreateStore(path_, Options(Engine::kExtent, 0));
  EXPECT_TRUE(absl::IsFailedPrecondition(refused));
  EXPECT_NE(refused.message().find("not blank: VMFS_volume_member, with its signature at byte 1048576"),
            absl::string_view::npos)
      << refused;
  NewStore store = NewStoreOf(Options(Engine::kExtent, 0)).value();
  store.force = true;
  ASSERT_TRUE(MakeStore(path_, {.file = {.buffered = true}}, store).ok());
  EXPECT_FALSE(FindForeignSignature(DeviceFile::Open(path_, {.buffered = true}).value())->has_value());
  EXPECT_TRUE(Open().ok());
}

// Two processes make the same store, over and over: none is ever left with a file that has no name.
TEST_F(CreateStoreTest, OfTwoCreatorsNoneLosesItsFile) {
  const unsigned seed = std::random_device()();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  int both_failed = 0;
  for (int round = 0; round < 60; ++round) {
    std::filesystem::remove(path_);
    if (round % 3 == 0) std::ofstream(path_).close();
    const pid_t creators[] = {Create(random() % 300), Create(random() % 300)};
    int made = 0;
    for (const pid_t creator : creators) {
      int status = 0;
      ASSERT_EQ(::waitpid(creator, &status, 0), creator);
      ASSERT_TRUE(WIFEXITED(status));
      ASSERT_NE(WEXITSTATUS(status), kNameless);
      made += WEXITSTATUS(status) == kMade ? 1 : 0;
    }
    both_failed += made == 0 ? 1 : 0;
    EXPECT_TRUE(made == 0 || Open().ok());
  }
  EXPECT_LT(both_failed, 10);
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
