// SPDX-License-Identifier: Apache-2.0
#include "iouring/buffer_pool.h"

#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glog/logging.h"
#include "gtest/gtest.h"
#include "iouring/memory_registrar.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

constexpr size_t kAlignment = 4096;

std::unique_ptr<BufferPool> MakePool(std::vector<BufferClass> classes) {
  absl::StatusOr<std::unique_ptr<BufferPool>> pool = BufferPool::Create(classes, kAlignment);
  CHECK(pool.ok()) << pool.status();
  return *std::move(pool);
}

TEST(BufferPoolTest, ServesTheSmallestClassThatFitsAndSpillsUpwards) {
  const std::unique_ptr<BufferPool> pool = MakePool({{16384, 1}, {4096, 1}});
  const std::optional<Buffer> small = pool->Acquire(1);
  const std::optional<Buffer> spilled = pool->Acquire(4096);
  EXPECT_EQ(small->span().size(), 4096u);
  EXPECT_EQ(spilled->span().size(), 16384u);
  EXPECT_FALSE(pool->Acquire(1).has_value());
  const std::vector<BufferClassStatistics> statistics = pool->statistics();
  EXPECT_EQ(statistics[0].refused, 1u);
  EXPECT_EQ(statistics[1].spilled, 1u);
}

TEST(BufferPoolTest, ALargeRequestNeverGetsASmallBuffer) {
  const std::unique_ptr<BufferPool> pool = MakePool({{4096, 8}, {8192, 1}});
  const std::optional<Buffer> large = pool->Acquire(4097);
  EXPECT_FALSE(pool->Acquire(4097).has_value());
}

TEST(BufferPoolTest, SizesAreRoundedUpToTheAlignment) {
  const std::unique_ptr<BufferPool> pool = MakePool({{1, 2}, {4097, 2}});
  EXPECT_EQ(pool->statistics()[0].bytes, 4096u);
  EXPECT_EQ(pool->largest_buffer(), 8192u);
}

TEST(BufferPoolTest, AMovedBufferIsGivenBackOnce) {
  const std::unique_ptr<BufferPool> pool = MakePool({{4096, 2}});
  {
    std::optional<Buffer> first = pool->Acquire(1);
    Buffer second = *std::move(first);
    second = *pool->Acquire(1);
    EXPECT_EQ(pool->statistics()[0].in_use, 1u);
  }
  EXPECT_EQ(pool->statistics()[0].in_use, 0u);
  pool->CheckInvariants();
}

TEST(BufferPoolTest, BadClassesAreRefusedWithAReason) {
  const std::vector<std::vector<BufferClass>> bad = {{},
                                                     {{0, 1}},
                                                     {{1, 0}},
                                                     {{4096, 1}, {1, 1}},
                                                     {{std::numeric_limits<size_t>::max(), 1}},
                                                     {{4096, size_t{1} << 60}}};
  for (const std::vector<BufferClass>& classes : bad) {
    EXPECT_TRUE(absl::IsInvalidArgument(BufferPool::Create(classes, kAlignment).status()));
  }
  const std::vector<BufferClass> good = {{4096, 1}};
  for (const size_t alignment : {size_t{0}, size_t{3}, size_t{1} << 30}) {
    EXPECT_TRUE(absl::IsInvalidArgument(BufferPool::Create(good, alignment).status()));
  }
}

TEST(BufferPoolTest, MemoryThatCannotBeHadIsAnError) {
  const std::vector<BufferClass> huge = {{size_t{1} << 45, 2}, {size_t{1} << 46, 1}, {(size_t{1} << 46) - 4096, 1}};
  EXPECT_TRUE(absl::IsResourceExhausted(BufferPool::Create(huge, kAlignment).status()));
}

// What the kernel knows about the mapping that holds `address`: the VmFlags of /proc/self/smaps.
std::string FlagsOfMapping(const void* address) {
  std::ifstream smaps("/proc/self/smaps");
  std::string line;
  bool found = false;
  while (std::getline(smaps, line)) {
    uintptr_t start = 0, end = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR, &start, &end) == 2) {
      found = reinterpret_cast<uintptr_t>(address) >= start && reinterpret_cast<uintptr_t>(address) < end;
    } else if (found && line.starts_with("VmFlags:")) {
      return line + " ";
    }
  }
  return "";
}

TEST(BufferPoolTest, TheArenaLiesOnHugePagesWhereTheKernelHasThem) {
  if (::access("/sys/kernel/mm/transparent_hugepage", F_OK) != 0) GTEST_SKIP() << "skipped: no huge pages here";
  const std::unique_ptr<BufferPool> pool = MakePool({{4096, 3}});
  EXPECT_EQ(reinterpret_cast<uintptr_t>(pool->arena().data()) % (size_t{2} << 20), 0u);
  EXPECT_EQ(pool->arena().size(), 3u * 4096);
  const std::string flags = FlagsOfMapping(pool->arena().data());
  EXPECT_TRUE(flags.find(" hg ") != std::string::npos || flags.find(" ht ") != std::string::npos) << flags;
}

class FakeRegistrar : public MemoryRegistrar {
 public:
  absl::Status Register(std::span<std::byte> memory) override {
    if (refuses) return absl::ResourceExhaustedError("no");
    registered = memory;
    return absl::OkStatus();
  }
  void Unregister(std::span<std::byte> memory) override {
    EXPECT_EQ(memory.data(), registered.data());
    EXPECT_EQ(memory.size(), registered.size());
    registered = {};
  }
  bool refuses = false;
  std::span<std::byte> registered;
};

TEST(BufferPoolTest, TheArenaIsRegisteredUntilThePoolEnds) {
  FakeRegistrar ring, gpu, refusing;
  refusing.refuses = true;
  {
    const std::unique_ptr<BufferPool> pool = MakePool({{4096, 4}});
    ASSERT_TRUE(pool->Register(&ring).ok());
    ASSERT_TRUE(pool->Register(&gpu).ok());
    EXPECT_FALSE(pool->Register(&refusing).ok());
    EXPECT_EQ(ring.registered.size(), pool->arena().size());
    pool->Unregister(&ring);
    EXPECT_TRUE(ring.registered.empty());
    EXPECT_FALSE(gpu.registered.empty());
  }
  EXPECT_TRUE(gpu.registered.empty());
}

TEST(BufferPoolDeathTest, MisuseIsCaught) {
  const std::unique_ptr<BufferPool> pool = MakePool({{4096, 2}, {8192, 2}});
  const std::span<std::byte> detached = pool->Acquire(1)->Detach();
  EXPECT_DEATH(pool->Release(detached.first(512)), "not one buffer");
  EXPECT_DEATH(pool->Release(pool->arena().subspan(512, 4096)), "not one buffer");
  std::byte foreign[1];
  EXPECT_DEATH(pool->Release(foreign), "not of this pool");
  EXPECT_DEATH(pool->Acquire(8193), "largest_buffer");
  EXPECT_DEATH(pool->Acquire(0), "bytes");
  pool->Release(detached);
  EXPECT_DEATH(pool->Release(detached), "released twice");
  EXPECT_DEATH({ const std::optional<Buffer> outliving = MakePool({{4096, 1}})->Acquire(1); }, "outlives its pool");
}

// The buffers in use, each filled with a byte of its own.
class Taken {
 public:
  void Add(Buffer buffer) {
    std::memset(buffer.span().data(), ++fill_, buffer.span().size());
    buffers_.emplace_back(fill_, std::move(buffer));
  }
  void Drop(uint32_t choice) {
    if (!buffers_.empty()) buffers_.erase(buffers_.begin() + choice % buffers_.size());
  }
  size_t Count(size_t bytes) const {
    return static_cast<size_t>(
        std::ranges::count_if(buffers_, [&](const auto& taken) { return taken.second.span().size() == bytes; }));
  }
  // Nobody else wrote into a buffer: none overlap.
  bool Intact() const {
    return std::ranges::all_of(buffers_, [](const auto& taken) {
      return std::ranges::all_of(taken.second.span(), [&](std::byte b) { return b == std::byte{taken.first}; });
    });
  }

 private:
  uint8_t fill_ = 0;
  std::vector<std::pair<uint8_t, Buffer>> buffers_;
};

// A step takes a buffer, or gives one back.
RC_GTEST_PROP(BufferPoolTest, AgreesWithAModelThatOnlyCounts, ()) {
  const std::map<size_t, size_t> counts = {{4096, 3}, {8192, 1}, {20480, 2}};
  const std::unique_ptr<BufferPool> pool = MakePool({{20480, 2}, {4096, 3}, {8192, 1}});
  Taken taken;
  for (const auto& [acquire, choice] : *rc::gen::arbitrary<std::vector<std::pair<bool, uint32_t>>>()) {
    if (acquire) {
      const size_t bytes = 1 + choice % pool->largest_buffer();
      const auto expected = std::ranges::find_if(
          counts, [&, b = bytes](const auto& one) { return one.first >= b && taken.Count(one.first) < one.second; });
      std::optional<Buffer> buffer = pool->Acquire(bytes);
      RC_ASSERT(buffer.has_value() == (expected != counts.end()));
      if (buffer.has_value()) {
        RC_ASSERT(buffer->span().size() == expected->first);
        RC_ASSERT(reinterpret_cast<uintptr_t>(buffer->span().data()) % kAlignment == 0u);
        taken.Add(*std::move(buffer));
      }
    } else {
      taken.Drop(choice);
    }
    pool->CheckInvariants();
    RC_ASSERT(taken.Intact());
  }
}

}  // namespace
}  // namespace slotwise
