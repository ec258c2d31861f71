// SPDX-License-Identifier: Apache-2.0
#include "tools/replay/trace_replayer.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "allocator/allocator_options.h"
#include "gtest/gtest.h"
#include "iouring/aligned_buffer.h"
#include "iouring/open_device.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/make/format_plan.h"
#include "tools/replay/replay_result.h"
#include "tools/stores/store_plan.h"
#include "tools/traces/chunk_stream.h"
#include "tools/traces/compression.h"
#include "tools/traces/model_profile.h"
#include "tools/traces/payload_sizer.h"
#include "tools/traces/scale.h"
#include "tools/traces/trace_generator.h"
#include "tools/traces/trace_request.h"

namespace slotwise {
namespace {

constexpr size_t kBufferBytes = 64 << 10;
constexpr size_t kBuffers = 8;
constexpr uint64_t kMiB = uint64_t{1} << 20;

// Two object groups of 1 and 4 blocks at the largest.
PayloadSizer Sizer() {
  return PayloadSizer(*FindModelProfile("deepseek-v4-flash"), Scale{1, 256}, Compression{1.3, 0.1}, /*seed=*/1);
}

class TraceReplayerTest : public testing::Test {
 protected:
  ~TraceReplayerTest() override {
    core_.reset();
    device_.reset();
    std::filesystem::remove(path_);
  }

  // Opens the store, made first if there is none.
  void Open(uint64_t capacity_bytes, EvictionPolicyKind policy = EvictionPolicyKind::kLru) {
    StoreRequest request;
    request.path = path_;
    request.sizes = ChunkSizesOf(Sizer());
    request.capacity_bytes = capacity_bytes;
    request.queue_depth = kBuffers;
    request.buffered = true;
    const absl::StatusOr<StorePlan> plan = PlanStoreToUse(request);
    ASSERT_TRUE(plan.ok()) << plan.status();
    absl::StatusOr<OpenedDevice> opened = OpenPlannedStore(*plan);
    ASSERT_TRUE(opened.ok()) << opened.status();
    device_ = std::move(opened->device);
    absl::StatusOr<std::unique_ptr<RawBlockCore>> core = RawBlockCore::Open(device_.get(), &clock_, {.policy = policy});
    ASSERT_TRUE(core.ok()) << core.status();
    core_ = *std::move(core);
  }

  void Close() {
    ASSERT_TRUE(core_->Close().ok());
    core_.reset();
    device_.reset();
  }

  ReplayResult Replay(const std::vector<TraceRequest>& requests, Durability durability = Durability::kBatched,
                      ReplayObserver* observer = nullptr) {
    TraceReplayer replayer(core_.get(), &clock_, arena_.span(),
                           {.durability = durability, .buffer_bytes = kBufferBytes}, observer);
    for (const TraceRequest& request : requests) {
      const absl::Status status = replayer.Replay(stream_.Chunks(request), request.input_length);
      EXPECT_TRUE(status.ok()) << status;
    }
    core_->CheckInvariants();
    return replayer.result();
  }

  const std::string path_ =
      testing::TempDir() + "/replayer_test_" + testing::UnitTest::GetInstance()->current_test_info()->name();
  const ChunkStream stream_{Sizer(), Chunking::kPartialTail};
  AlignedBuffer arena_{kBuffers * kBufferBytes, 4096};
  SystemClock clock_;
  std::unique_ptr<Device> device_;
  std::unique_ptr<RawBlockCore> core_;
};

// What a store without limits makes of requests.
ReplayResult Model(const ChunkStream& stream, const std::vector<TraceRequest>& requests) {
  ReplayResult result;
  absl::flat_hash_set<std::string> stored;
  for (const TraceRequest& request : requests) {
    bool hit = true;
    for (const Chunk& chunk : stream.Chunks(request)) {
      for (const ChunkObject& object : chunk.objects) {
        result.prompt_bytes += object.payload_bytes;
        result.gets += hit ? 1 : 0;
        if (stored.insert(object.key).second) hit = false;
        result.hits += hit ? 1 : 0;
        result.puts += hit ? 0 : 1;
        result.prompt_bytes_hit += hit ? object.payload_bytes : 0;
      }
      result.prompt_tokens_hit += hit ? chunk.tokens : 0;
    }
    result.prompt_tokens += request.input_length;
    ++result.requests;
  }
  return result;
}

TEST_F(TraceReplayerTest, AStoreWithRoomForAllDoesAsTheModel) {
  const std::vector<TraceRequest> requests = GenerateTrace(/*seed=*/5, 60);
  Open(256 * kMiB);
  const ReplayResult result = Replay(requests);
  const ReplayResult model = Model(stream_, requests);
  EXPECT_EQ(result.requests, model.requests);
  EXPECT_EQ(result.gets, model.gets);
  EXPECT_EQ(result.hits, model.hits);
  EXPECT_EQ(result.puts, model.puts);
  EXPECT_EQ(result.prompt_tokens, model.prompt_tokens);
  EXPECT_EQ(result.prompt_tokens_hit, model.prompt_tokens_hit);
  EXPECT_EQ(result.prompt_bytes, model.prompt_bytes);
  EXPECT_EQ(result.prompt_bytes_hit, model.prompt_bytes_hit);
  EXPECT_EQ(result.bytes_got, model.prompt_bytes_hit);
  EXPECT_EQ(result.bytes_put, model.prompt_bytes - model.prompt_bytes_hit);
  EXPECT_GT(result.hits, 100u);
  EXPECT_EQ(result.refused_puts + result.evictions + result.wrong_bytes + result.checksum_failures, 0u);
}

TEST_F(TraceReplayerTest, AFullStoreEvictsAndStaysRight) {
  Open(8 * kMiB);
  const ReplayResult result = Replay(GenerateTrace(/*seed=*/6, 60));
  EXPECT_GT(result.evictions, 0u);
  EXPECT_EQ(result.wrong_bytes + result.checksum_failures + result.refused_puts, 0u);
  EXPECT_GT(result.utilisation_mean, 0.5);
  EXPECT_LE(result.utilisation_min, result.utilisation_mean);
  EXPECT_LT(result.utilisation_mean + result.external_free_ratio, 1);
  EXPECT_GT(result.internal_waste_ratio, 0);
  EXPECT_GT(result.get_p99_us, 0);
  EXPECT_GE(result.put_p99_us, result.put_p50_us);
  EXPECT_GT(result.device_bytes_written, result.bytes_put + result.metadata_bytes_written);
}

TEST_F(TraceReplayerTest, AFullStoreWithoutAPolicyRefuses) {
  Open(8 * kMiB, EvictionPolicyKind::kNone);
  const ReplayResult result = Replay(GenerateTrace(/*seed=*/6, 60));
  EXPECT_GT(result.refused_puts, 0u);
  EXPECT_EQ(result.evictions + result.wrong_bytes, 0u);
}

TEST_F(TraceReplayerTest, WhatOneSessionPutTheNextOneGets) {
  const std::vector<TraceRequest> requests = GenerateTrace(/*seed=*/7, 20);
  Open(128 * kMiB);
  Replay(requests);
  Close();
  Open(0);
  const ReplayResult again = Replay(requests);
  EXPECT_EQ(again.hits, again.gets);
  EXPECT_EQ(again.puts, 0u);
  EXPECT_EQ(again.wrong_bytes, 0u);
}

TEST_F(TraceReplayerTest, CountsBytesThatAreNotWhatWasPut) {
  const TraceRequest request{0, 256, 0, {1}};
  const ChunkObject object = stream_.Chunks(request)[0].objects[0];
  std::vector<std::byte> foreign(object.payload_bytes - 10);
  Open(64 * kMiB);
  core_->Put(object.key, foreign, {}, [](absl::StatusOr<PutOutcome> outcome) { EXPECT_TRUE(outcome.ok()); });
  while (!core_->idle()) ASSERT_TRUE(core_->Poll(absl::InfiniteDuration()).ok());
  const ReplayResult result = Replay({request});
  EXPECT_GT(result.wrong_bytes, object.payload_bytes * 9 / 10);
  EXPECT_LE(result.wrong_bytes, object.payload_bytes);
  EXPECT_EQ(result.checksum_failures, 0u);
}

TEST_F(TraceReplayerTest, DamageOnTheDeviceIsAMissAndIsPutAgain) {
  const std::vector<TraceRequest> requests = GenerateTrace(/*seed=*/8, 10);
  Open(128 * kMiB);
  Replay(requests);
  const std::string key = stream_.Chunks(requests[0])[0].objects[0].key;
  uint64_t offset = 0;
  core_->ForEach([&](const EntryView& entry) {
    if (entry.key == key) offset = core_->header().layout.ByteOffset(entry.placement.front().start());
  });
  Close();
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file << "damaged";
  }
  Open(0);
  const ReplayResult damaged = Replay(requests);
  EXPECT_EQ(damaged.checksum_failures, 1u);
  EXPECT_EQ(damaged.wrong_bytes, 0u);
  EXPECT_LT(damaged.hits, damaged.gets);
  EXPECT_EQ(Replay(requests).puts, 0u);
}

class CountingObserver : public ReplayObserver {
 public:
  void OnDurable(const ChunkObject& object) override { keys.insert(object.key); }
  absl::flat_hash_set<std::string> keys;
};

TEST_F(TraceReplayerTest, TheObserverHearsOfEveryDurablePut) {
  const std::vector<TraceRequest> requests = GenerateTrace(/*seed=*/9, 5);
  CountingObserver observer;
  Open(64 * kMiB);
  Replay(requests, Durability::kDurable, &observer);
  size_t entries = 0;
  core_->ForEach([&](const EntryView& entry) {
    ++entries;
    EXPECT_TRUE(observer.keys.contains(std::string(entry.key)));
  });
  EXPECT_EQ(observer.keys.size(), entries);
}

TEST_F(TraceReplayerTest, TheObserverIsNotPromisedWhatIsBatched) {
  CountingObserver observer;
  Open(64 * kMiB);
  Replay(GenerateTrace(/*seed=*/9, 5), Durability::kBatched, &observer);
  EXPECT_TRUE(observer.keys.empty());
}

}  // namespace
}  // namespace slotwise
