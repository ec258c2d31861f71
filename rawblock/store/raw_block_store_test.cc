// SPDX-License-Identifier: Apache-2.0
#include "slotwise/raw_block_store.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "iouring/aligned_buffer.h"
#include "iouring/create_file.h"
#include "iouring/device.h"
#include "iouring/open_device.h"
#include "rawblock/make/format_store.h"
#include "rawblock/testing/no_threads.h"

namespace slotwise {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

constexpr uint64_t kDeviceBytes = 24 << 20;

// What a test can do to a device: hold it up, and break it.
struct DeviceSwitch {
  std::atomic<bool> held = false;
  std::atomic<bool> broken = false;
};

// A device whose requests wait while the switch is held.
class SwitchedDevice final : public Device {
 public:
  SwitchedDevice(std::unique_ptr<Device> device, DeviceSwitch* control, int wake_fd)
      : device_(std::move(device)), control_(control), wake_fd_(wake_fd) {}

  uint64_t size() const override { return device_->size(); }
  uint32_t alignment() const override { return device_->alignment(); }
  int queue_depth() const override { return device_->queue_depth(); }
  int in_flight() const override { return device_->in_flight() + static_cast<int>(waiting_.size()); }
  void Submit(IoRequest* request) override { waiting_.push_back(request); }
  absl::Status Poll(absl::Duration timeout) override {
    if (control_->broken) return absl::InternalError("the ring is broken");
    if (control_->held) {
      pollfd event{.fd = wake_fd_, .events = POLLIN, .revents = 0};
      ::poll(&event, 1, timeout > absl::ZeroDuration() && in_flight() > 0 ? 1 : 0);
      return absl::OkStatus();
    }
    for (IoRequest* request : std::exchange(waiting_, {})) device_->Submit(request);
    return device_->Poll(timeout);
  }
  // What was still waiting is done late, as by a kernel that was told and not heard of again.
  absl::Status Close() override {
    for (IoRequest* request : std::exchange(waiting_, {})) device_->Submit(request);
    return device_->Close();
  }

 private:
  std::unique_ptr<Device> device_;
  DeviceSwitch* control_;
  int wake_fd_;
  std::vector<IoRequest*> waiting_;
};

std::vector<std::byte> Pattern(std::string_view key, size_t bytes) {
  std::minstd_rand random(static_cast<uint32_t>(std::hash<std::string_view>()(key)) | 1);
  std::vector<std::byte> pattern(bytes);
  for (std::byte& byte : pattern) byte = static_cast<std::byte>(random());
  return pattern;
}

class RawBlockStoreTest : public testing::TestWithParam<size_t> {
 protected:
  ~RawBlockStoreTest() override {
    store_.reset();
    for (const std::string& path : paths_) ::unlink(path.c_str());
  }

  void Format(size_t devices) {
    switches_ = std::vector<DeviceSwitch>(devices);
    for (size_t i = 0; i < devices; ++i) {
      paths_.push_back(absl::StrCat(testing::TempDir(), "/raw_block_store_", i));
      ::unlink(paths_.back().c_str());
      ASSERT_TRUE(CreateFile(paths_.back(), kDeviceBytes, {.buffered = true}).ok());
      FormatOne(paths_.back(), static_cast<uint8_t>(i + 1));
    }
  }

  static void FormatOne(const std::string& path, uint8_t identity) {
    OpenedDevice opened = OpenDevice(path, {.file = {.buffered = true}}).value();
    FormatOptions format;
    format.max_entries = 2048;
    format.salt = 7;
    format.force = true;
    format.allocator.engine = AllocatorOptions::Engine::kExtent;
    format.uuid[0] = identity;
    ASSERT_TRUE(FormatStore(opened.device.get(), format).ok());
    ASSERT_TRUE(opened.device->Close().ok());
  }

  void Open(RawBlockStoreOptions options = {}) {
    std::vector<RawBlockStore::ShardSource> sources;
    for (size_t i = 0; i < paths_.size(); ++i) {
      sources.push_back({.name = paths_[i], .open = [this, i](int wake_fd) -> absl::StatusOr<std::unique_ptr<Device>> {
                           absl::StatusOr<OpenedDevice> opened =
                               OpenDevice(paths_[i], {.file = {.buffered = true}, .wake_fd = wake_fd});
                           if (!opened.ok()) return opened.status();
                           return std::make_unique<SwitchedDevice>(std::move(opened->device), &switches_[i], wake_fd);
                         }});
    }
    absl::StatusOr<std::unique_ptr<RawBlockStore>> store = RawBlockStore::OpenShards(std::move(sources), options);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  std::vector<absl::StatusOr<PutOutcome>> Put(const std::map<std::string, std::vector<std::byte>>& payloads,
                                              const PutOptions& options = {}) {
    std::vector<RawBlockStore::PutRequest> requests;
    for (const auto& [key, payload] : payloads) requests.push_back({key, payload});
    return Await<std::vector<absl::StatusOr<PutOutcome>>>(
        [&](auto done) { store_->PutMany(requests, options, std::move(done)); });
  }

  absl::StatusOr<std::vector<std::byte>> Get(std::string_view key, size_t room = 256 << 10, size_t misaligned = 0) {
    AlignedBuffer memory(room + misaligned, 4096);
    const std::span<std::byte> destination = memory.span().subspan(misaligned);
    const RawBlockStore::GetRequest request{key, destination};
    const auto results = Await<std::vector<absl::StatusOr<uint64_t>>>([&](auto done) {
      store_->GetMany({&request, 1}, std::move(done));
    });
    if (!results[0].ok()) return results[0].status();
    return std::vector<std::byte>(destination.begin(), destination.begin() + static_cast<ptrdiff_t>(*results[0]));
  }

  std::vector<absl::StatusOr<RawBlockStore::Found>> Exists(
      std::span<const std::string_view> keys, RawBlockStore::Pinning pinning = RawBlockStore::Pinning::kNone) {
    return Await<std::vector<absl::StatusOr<RawBlockStore::Found>>>(
        [&](auto done) { store_->ExistsMany(keys, pinning, std::move(done)); });
  }

  std::vector<absl::Status> Remove(std::span<const std::string_view> keys, const RemoveOptions& options = {}) {
    return Await<std::vector<absl::Status>>([&](auto done) { store_->RemoveMany(keys, options, std::move(done)); });
  }

  absl::Status Flush() {
    return Await<absl::Status>([&](auto done) { store_->Flush(std::move(done)); });
  }

  // What the call that `start` makes is answered.
  template <typename Answer, typename Start>
  static Answer Await(Start start) {
    std::promise<Answer> answer;
    start([&answer](Answer given) { answer.set_value(std::move(given)); });
    return answer.get_future().get();
  }

  std::map<std::string, std::vector<std::byte>> Payloads(int count, size_t bytes) {
    std::map<std::string, std::vector<std::byte>> payloads;
    for (int i = 0; i < count; ++i) {
      const std::string key = absl::StrCat("key", i);
      payloads[key] = Pattern(key, bytes + static_cast<size_t>(i));
    }
    return payloads;
  }

  // A key of `shard`.
  std::string KeyOf(size_t shard) {
    for (int i = 0;; ++i) {
      const std::string key = absl::StrCat("shard", shard, "@", i);
      const std::string_view keys[] = {key};
      const uint64_t before = store_->metrics().shards[shard].statistics.gets;
      static_cast<void>(Get(keys[0]));
      if (store_->metrics().shards[shard].statistics.gets > before) return key;
    }
  }

  std::vector<std::string> paths_;
  std::vector<DeviceSwitch> switches_;
  std::unique_ptr<RawBlockStore> store_;
};

TEST_P(RawBlockStoreTest, WhatIsPutIsThereUntilRemoved) {
  Format(GetParam());
  Open();
  const auto payloads = Payloads(200, 20'000);
  for (const auto& outcome : Put(payloads)) EXPECT_EQ(outcome.value(), PutOutcome::kStored);
  for (const auto& outcome : Put(payloads)) EXPECT_EQ(outcome.value(), PutOutcome::kAlreadyStored);
  for (const auto& [key, payload] : payloads) EXPECT_EQ(Get(key).value(), payload);
  const std::string_view keys[] = {"key1", "nobody", "key2"};
  const auto found = Exists(keys);
  EXPECT_EQ(found[0]->payload_bytes, 20'001u);
  EXPECT_TRUE(absl::IsNotFound(found[1].status()));
  const auto removed = Remove(keys);
  EXPECT_TRUE(removed[0].ok());
  EXPECT_TRUE(absl::IsNotFound(removed[1]));
  EXPECT_TRUE(absl::IsNotFound(Get("key1").status()));
  EXPECT_EQ(Get("key3").value(), payloads.at("key3"));
  EXPECT_TRUE(store_->Close().ok());
}

TEST_P(RawBlockStoreTest, EveryDeviceTakesPart) {
  Format(GetParam());
  Open();
  Put(Payloads(200, 20'000));
  for (const ShardMetrics& shard : store_->metrics().shards) EXPECT_GT(shard.statistics.stored, 0u) << shard.path;
}

TEST_P(RawBlockStoreTest, AnotherOrderOfTheDevicesIsTheSameStore) {
  Format(GetParam());
  Open();
  const auto payloads = Payloads(100, 5'000);
  Put(payloads);
  ASSERT_TRUE(store_->Close().ok());
  store_.reset();
  std::ranges::reverse(paths_);
  Open();
  for (const auto& [key, payload] : payloads) EXPECT_EQ(Get(key).value(), payload);
}

TEST_P(RawBlockStoreTest, OneBadKeyDoesNotFailItsBatch) {
  Format(GetParam());
  Open();
  const auto good = Payloads(3, 1000);
  auto payloads = good;
  payloads[""] = Pattern("", 10);
  payloads[std::string(500, 'k')] = Pattern("long", 10);
  payloads["nothing"] = {};
  payloads["whale"] = std::vector<std::byte>(kDeviceBytes);
  const auto outcomes = Put(payloads);
  size_t stored = 0;
  for (const auto& outcome : outcomes) stored += outcome.ok() ? 1 : 0;
  EXPECT_EQ(stored, good.size());
  for (const auto& [key, payload] : good) EXPECT_EQ(Get(key).value(), payload);
}

TEST_P(RawBlockStoreTest, AMissLeavesItsDestinationAlone) {
  Format(GetParam());
  Open();
  std::vector<std::byte> destination(10'000, std::byte{0x5A});
  const RawBlockStore::GetRequest request{"nobody", destination};
  const auto results = Await<std::vector<absl::StatusOr<uint64_t>>>([&](auto done) {
    store_->GetMany({&request, 1}, std::move(done));
  });
  EXPECT_TRUE(absl::IsNotFound(results[0].status()));
  EXPECT_THAT(destination, Each(std::byte{0x5A}));
}

TEST_P(RawBlockStoreTest, ReadsIntoAnyMemory) {
  Format(GetParam());
  Open();
  for (const size_t bytes : {1, 4095, 4096, 4097, 100'000}) {
    const std::string key = absl::StrCat("bytes", bytes);
    const std::vector<std::byte> payload = Pattern(key, bytes);
    ASSERT_TRUE(Put({{key, payload}})[0].ok());
    for (const size_t misaligned : {0, 1, 512}) {
      EXPECT_EQ(Get(key, bytes, misaligned).value(), payload) << bytes << " bytes, " << misaligned;
    }
    EXPECT_TRUE(absl::IsOutOfRange(Get(key, bytes - 1).status()));
  }
}

TEST_P(RawBlockStoreTest, APinKeepsItsEntry) {
  Format(GetParam());
  Open();
  Put(Payloads(2, 1000));
  const std::string_view keys[] = {"key0", "key1"};
  std::vector<StorePin> pins;
  for (const auto& found : Exists(keys, RawBlockStore::Pinning::kPin)) pins.push_back(found->pin.value());
  for (const absl::Status& removed : Remove(keys)) EXPECT_TRUE(absl::IsFailedPrecondition(removed)) << removed;
  store_->Unpin(pins);
  for (const absl::Status& removed : Remove(keys)) EXPECT_TRUE(removed.ok()) << removed;
}

TEST_P(RawBlockStoreTest, APinGivenBackTwiceLeavesAnothersAlone) {
  Format(GetParam());
  Open();
  Put(Payloads(1, 1000));
  const std::string_view keys[] = {"key0"};
  const StorePin first = Exists(keys, RawBlockStore::Pinning::kPin)[0]->pin.value();
  const StorePin second = Exists(keys, RawBlockStore::Pinning::kPin)[0]->pin.value();
  store_->Unpin(std::array{first, first});
  EXPECT_TRUE(absl::IsFailedPrecondition(Remove(keys)[0])) << "the second pin holds";
  EXPECT_EQ(store_->metrics().shards[first.shard].statistics.unpins_refused, 1u);
  store_->Unpin(std::array{second});
  EXPECT_TRUE(Remove(keys)[0].ok());
}

TEST_P(RawBlockStoreTest, AnEmptyBatchIsAnswered) {
  Format(GetParam());
  Open();
  EXPECT_TRUE(Put({}).empty());
  EXPECT_TRUE(Exists({}).empty());
  EXPECT_TRUE(Remove({}).empty());
  store_->Unpin({});
  EXPECT_TRUE(Flush().ok());
}

TEST_P(RawBlockStoreTest, CloseAnswersWhatIsUnderWayAndRefusesTheRest) {
  Format(GetParam());
  Open();
  const auto payloads = Payloads(500, 10'000);
  std::vector<RawBlockStore::PutRequest> requests;
  for (const auto& [key, payload] : payloads) requests.push_back({key, payload});
  std::vector<absl::StatusOr<PutOutcome>> outcomes;
  store_->PutMany(requests, {}, [&outcomes](auto given) { outcomes = std::move(given); });
  EXPECT_TRUE(store_->Close().ok());
  EXPECT_TRUE(store_->Close().ok());
  ASSERT_EQ(outcomes.size(), payloads.size());
  for (const auto& outcome : outcomes) EXPECT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_TRUE(absl::IsFailedPrecondition(Get("key1").status()));
  store_->Unpin({});
  Open();
  for (const auto& [key, payload] : payloads) EXPECT_EQ(Get(key).value(), payload);
}

TEST_P(RawBlockStoreTest, ThreadsShareIt) {
  Format(GetParam());
  Open();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread] {
      for (int i = 0; i < 50; ++i) {
        const std::string key = absl::StrCat("t", thread, "@", i);
        const std::vector<std::byte> payload = Pattern(key, 3000 + static_cast<size_t>(i));
        EXPECT_TRUE(Put({{key, payload}})[0].ok());
        EXPECT_EQ(Get(key).value(), payload);
        EXPECT_TRUE(Put({{"common", Pattern("common", 9000)}})[0].ok());
        EXPECT_EQ(Get("common").value(), Pattern("common", 9000));
        EXPECT_EQ(store_->metrics().shards.size(), GetParam());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(RawBlockStoreTest, WhatWasAnsweredIsCounted) {
  Format(GetParam());
  Open();
  const auto payloads = Payloads(60, 5'000);
  Put(payloads, {.durability = Durability::kDurable});
  for (const auto& [key, payload] : payloads) static_cast<void>(Get(key));
  static_cast<void>(Get("nobody"));
  Statistics sum;
  uint64_t timed_puts = 0;
  uint64_t timed_gets = 0;
  uint64_t bytes = 0;
  for (const ShardMetrics& shard : store_->metrics().shards) {
    sum.stored += shard.statistics.stored;
    sum.hits += shard.statistics.hits;
    sum.misses += shard.statistics.misses;
    bytes += shard.occupancy.payload_bytes;
    timed_puts += shard.latencies[static_cast<size_t>(OperationStage::kPut)].sample_count;
    timed_gets += shard.latencies[static_cast<size_t>(OperationStage::kGet)].sample_count;
    EXPECT_EQ(shard.operations, 0u);
    EXPECT_EQ(shard.latencies[static_cast<size_t>(OperationStage::kDurable)].sample_count,
              shard.statistics.stored + 1);  // and the record that opened the store
    EXPECT_EQ(shard.latencies[static_cast<size_t>(OperationStage::kVerify)].sample_count, shard.statistics.hits);
    EXPECT_EQ(shard.latencies[static_cast<size_t>(OperationStage::kWrite)].sample_count, shard.statistics.stored);
  }
  uint64_t put_bytes = 0;
  for (const auto& [key, payload] : payloads) put_bytes += payload.size();
  EXPECT_EQ(sum.stored, 60u);
  EXPECT_EQ(sum.hits, 60u);
  EXPECT_EQ(sum.misses, 1u);
  EXPECT_EQ(timed_puts, 60u);
  EXPECT_EQ(timed_gets, 60u);
  EXPECT_EQ(bytes, put_bytes);
}

INSTANTIATE_TEST_SUITE_P(Shards, RawBlockStoreTest, testing::Values(1, 3));

using ManyDevicesTest = RawBlockStoreTest;

TEST_F(ManyDevicesTest, AHeldDeviceHoldsUpOnlyItsKeys) {
  Format(2);
  Open({.stalled_after = absl::Milliseconds(50)});
  const std::string slow = KeyOf(0);
  const std::string fast = KeyOf(1);
  ASSERT_TRUE(Put({{slow, Pattern(slow, 5000)}})[0].ok());
  ASSERT_TRUE(Flush().ok());
  switches_[0].held = true;
  AlignedBuffer memory(8192, 4096);
  const RawBlockStore::GetRequest request{slow, memory.span()};
  std::promise<absl::Status> answer;
  std::future<absl::Status> answered = answer.get_future();
  store_->GetMany({&request, 1}, [&answer](const auto& results) { answer.set_value(results[0].status()); });
  EXPECT_TRUE(Put({{fast, Pattern(fast, 5000)}})[0].ok());
  EXPECT_EQ(Get(fast).value(), Pattern(fast, 5000));
  while (!store_->metrics().shards[0].stalled) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_FALSE(store_->metrics().shards[1].stalled);
  const absl::Status refused = Get(slow).status();
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr(paths_[0]));
  EXPECT_EQ(store_->metrics().shards[0].refused_stalled, 1u);
  EXPECT_EQ(answered.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  switches_[0].held = false;
  EXPECT_TRUE(answered.get().ok());
  EXPECT_TRUE(Get(slow).ok());
  EXPECT_FALSE(store_->metrics().shards[0].stalled);
}

// A last block in part and an unaligned destination go through memory of the core, which must not copy them any more.
TEST_F(ManyDevicesTest, WhatALostDeviceReadsLateReachesNoCaller) {
  Format(1);
  Open();
  ASSERT_TRUE(Put({{"key", Pattern("key", 100)}})[0].ok());
  AlignedBuffer memory(2 * 4096, 4096);
  std::ranges::fill(memory.span(), std::byte{1});
  const std::vector<RawBlockStore::GetRequest> requests = {
      {.key = "key", .destination = memory.span().first(100)},
      {.key = "key", .destination = memory.span().subspan(4096 + 1, 100)},
  };
  std::promise<std::vector<absl::StatusOr<uint64_t>>> answered;
  switches_[0].held = true;
  store_->GetMany(requests, [&answered](auto results) { answered.set_value(std::move(results)); });
  while (store_->metrics().shards[0].statistics.gets < 2) std::this_thread::yield();
  switches_[0].broken = true;
  for (const auto& result : answered.get_future().get()) EXPECT_TRUE(absl::IsUnavailable(result.status()));
  EXPECT_TRUE(absl::IsUnavailable(store_->Close()));
  EXPECT_THAT(memory.span(), Each(std::byte{1}));
}

// Its age grows while nothing completes, and is that of a record, not of the last time that anybody looked.
TEST_F(ManyDevicesTest, ShowsHowLongTheOldestAnswerHasBeenVolatile) {
  Format(1);
  Open({.core = {.commit_interval = absl::ZeroDuration()}});
  const auto age = [this] { return store_->metrics().shards[0].oldest_volatile_seconds; };
  std::promise<absl::Status> answer;
  const std::vector<std::byte> payload = Pattern("key", 5000);
  const RawBlockStore::PutRequest request{"key", payload};
  store_->PutMany({&request, 1}, {}, [&](const auto& results) {
    switches_[0].held = true;  // on the shard's thread, before the next request
    answer.set_value(results[0].status());
  });
  ASSERT_TRUE(answer.get_future().get().ok());
  while (age() < 0.02) absl::SleepFor(absl::Milliseconds(1));
  switches_[0].held = false;
  ASSERT_TRUE(Flush().ok());
  EXPECT_EQ(age(), 0);
}

TEST_F(ManyDevicesTest, ALostDeviceLosesOnlyItsKeys) {
  Format(2);
  Open();
  const std::string lost = KeyOf(0);
  const std::string kept = KeyOf(1);
  ASSERT_TRUE(Put({{kept, Pattern(kept, 5000)}})[0].ok());
  switches_[0].broken = true;
  const absl::Status first = Put({{lost, Pattern(lost, 5000)}})[0].status();
  EXPECT_TRUE(absl::IsUnavailable(first)) << first;
  EXPECT_THAT(std::string(first.message()), HasSubstr("the ring is broken"));
  EXPECT_TRUE(absl::IsUnavailable(Get(lost).status()));
  EXPECT_EQ(Get(kept).value(), Pattern(kept, 5000));
  EXPECT_TRUE(store_->metrics().shards[0].lost);
  EXPECT_FALSE(store_->metrics().shards[1].lost);
  EXPECT_TRUE(absl::IsUnavailable(store_->Close()));
}

TEST_F(ManyDevicesTest, AFullQueueRefusesKeyByKey) {
  Format(1);
  Open({.queued_operations_max = 0});
  EXPECT_TRUE(absl::IsUnavailable(Get("key").status()));
  EXPECT_EQ(store_->metrics().shards[0].refused_queue_full, 1u);
}

// The shard that has one already ends.
TEST_F(ManyDevicesTest, SaysWhichShardGotNoThread) {
  Format(2);
  std::optional<NoThreads> none;
  std::vector<RawBlockStore::ShardSource> sources;
  for (const std::string& path : paths_) {
    sources.push_back({path, [&none, path, last = path == paths_.back()](int /*wake_fd*/) {
                         if (last) none.emplace();
                         absl::StatusOr<OpenedDevice> opened = OpenDevice(path, {.file = {.buffered = true}});
                         return absl::StatusOr<std::unique_ptr<Device>>(std::move(opened.value().device));
                       }});
  }
  const absl::Status status = RawBlockStore::OpenShards(std::move(sources), {}).status();
  none.reset();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat("cannot start the thread of ", paths_[1])));
  Open();
  EXPECT_TRUE(Put({{"key", Pattern("key", 100)}})[0].ok());
}

TEST_F(ManyDevicesTest, RefusesNoDeviceAStrangeOneAndACopy) {
  EXPECT_TRUE(absl::IsInvalidArgument(RawBlockStore::Open({}, {}).status()));
  Format(2);
  RawBlockStoreOptions options;
  options.device.file.buffered = true;
  const std::string missing[] = {paths_[0], testing::TempDir() + "/nothing"};
  EXPECT_TRUE(absl::IsNotFound(RawBlockStore::Open(missing, options).status()));
  const std::string twice[] = {paths_[0], paths_[1],
                               absl::StrCat(testing::TempDir(), "/./", paths_[0].substr(testing::TempDir().size()))};
  const absl::Status one = RawBlockStore::Open(twice, options).status();
  EXPECT_TRUE(absl::IsInvalidArgument(one)) << one;
  EXPECT_THAT(std::string(one.message()), HasSubstr("are one device"));
  FormatOne(paths_[1], 1);
  const absl::Status copy = RawBlockStore::Open(paths_, options).status();
  EXPECT_TRUE(absl::IsInvalidArgument(copy)) << copy;
  ASSERT_EQ(::truncate(paths_[1].c_str(), 0), 0);
  ASSERT_EQ(::truncate(paths_[1].c_str(), kDeviceBytes), 0);
  const absl::Status blank = RawBlockStore::Open(paths_, options).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(blank)) << blank;
  EXPECT_THAT(std::string(blank.message()), HasSubstr(paths_[1]));
  EXPECT_TRUE(RawBlockStore::Open({paths_.data(), 1}, options).ok());
}

}  // namespace
}  // namespace slotwise
