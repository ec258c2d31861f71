// SPDX-License-Identifier: Apache-2.0
// What a core does when something has run out: entries, room in the journal, staging memory, time; and in which order.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "allocator/allocator_options.h"
#include "gtest/gtest.h"
#include "iouring/aligned_buffer.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/disk/format.h"
#include "rawblock/make/format_store.h"
#include "rawblock/testing/memory_device.h"
#include "rawblock/testing/temporary_store.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

constexpr uint64_t kBlock = 4096;
constexpr absl::Duration kInterval = absl::Milliseconds(50);  // the default

class ManualClock final : public Clock {
 public:
  absl::Time Now() override { return now; }
  absl::Time now = absl::UnixEpoch();
};

class RawBlockCoreLimitsTest : public testing::Test {
 protected:
  struct Store {
    uint64_t bytes = 64 << 20;
    uint64_t max_entries = 1000;
    uint32_t max_key_bytes = 256;
    Engine engine = Engine::kExtent;
    uint64_t full_bytes = 64 << 10;
  };

  ~RawBlockCoreLimitsTest() override {
    if (device_ != nullptr) device_->set_hold(nullptr);
  }

  void Format(const Store& store) {
    core_.reset();
    device_ = std::make_unique<MemoryDevice>(store.bytes);
    FormatOptions options;
    options.max_entries = store.max_entries;
    options.max_key_bytes = store.max_key_bytes;
    layout_ = PlanLayout(options, device_->size(), device_->alignment()).value();
    options.allocator = EngineOptions(store.engine, layout_, store.full_bytes);
    ASSERT_EQ(FormatStore(device_.get(), options), absl::OkStatus());
  }
  void Open(const CoreOptions& options = {}) {
    core_.reset();
    core_ = RawBlockCore::Open(device_.get(), &clock_, options).value();
  }
  void FormatAndOpen(const Store& store, const CoreOptions& options = {}) {
    Format(store);
    Open(options);
  }
  // What a crash leaves now, opened.
  std::unique_ptr<RawBlockCore> Crashed() {
    crashed_ = std::make_unique<MemoryDevice>(device_->size());
    std::ranges::copy(device_->bytes(), crashed_->bytes().begin());
    return RawBlockCore::Open(crashed_.get(), &clock_, {}).value();
  }

  void Poll(int times = 1) {
    for (int i = 0; i < times; ++i) ASSERT_EQ(core_->Poll(absl::ZeroDuration()), absl::OkStatus());
  }
  void Finish() {
    for (int polls = 0; !core_->idle(); ++polls) {
      ASSERT_LT(polls, 100'000) << "it never comes to rest";
      Poll();
    }
  }
  // Its answer becomes "KEY:<status code> ".
  void Put(const std::string& key, std::span<const std::byte> payload, const PutOptions& options = {}) {
    core_->Put(keys_.emplace_back(key), payload, options,
               [this, key](const absl::StatusOr<PutOutcome>& outcome) { Answer(key, outcome.status()); });
  }
  void Put(const std::string& key, const PutOptions& options = {}) { Put(key, block_.span(), options); }
  void Get(const std::string& key) {
    core_->Get(key, destination_.span(),
               [this, key](const absl::StatusOr<uint64_t>& bytes) { Answer(key, bytes.status()); });
  }
  void Remove(const std::string& key, const RemoveOptions& options = {}) {
    core_->Remove(keys_.emplace_back(key), options, [this, key](const absl::Status& status) { Answer(key, status); });
  }
  void Answer(const std::string& key, const absl::Status& status) {
    answers_ += absl::StrCat(key, ":", absl::StatusCodeToString(status.code()), " ");
  }

  MemoryDevice::Hold HoldJournal() const {
    return [layout = layout_](const IoRequest& request) {
      return request.op == IoRequest::Op::kWrite && request.offset >= layout.journal_offset &&
             request.offset < layout.journal_offset + layout.journal_bytes;
    };
  }
  MemoryDevice::Hold HoldCheckpoints() const {
    return [layout = layout_](const IoRequest& request) {
      return request.op == IoRequest::Op::kWrite && request.offset >= layout.checkpoint_offset[0] &&
             request.offset < layout.data_offset;
    };
  }

  ManualClock clock_;
  std::unique_ptr<MemoryDevice> device_;
  std::unique_ptr<MemoryDevice> crashed_;
  Layout layout_;
  AlignedBuffer block_{kBlock, kBlock};
  AlignedBuffer destination_{kBlock, kBlock};
  std::deque<std::string> keys_;  // that operations borrow
  std::string answers_;
  std::unique_ptr<RawBlockCore> core_;
};

// --- Entries -------------------------------------------------------------------------------

// Small payloads take all entries and next to no space.
TEST_F(RawBlockCoreLimitsTest, WhenEntriesAreMissingAnyEntryMakesRoom) {
  for (const Engine engine : kAllocatorEngines) {
    SCOPED_TRACE(EngineName(engine));
    FormatAndOpen({.max_entries = 200, .engine = engine, .full_bytes = 256 << 10});
    const std::vector<std::byte> full(256 << 10);
    for (int i = 0; i < 300; ++i) {
      Put(absl::StrCat("small", i));
      Finish();
    }
    for (int i = 0; i < 20; ++i) {
      Put(absl::StrCat("full", i), full);
      Finish();
    }
    const Statistics statistics = core_->statistics();
    EXPECT_EQ(statistics.stored, 320u);
    EXPECT_EQ(statistics.refused_no_entry + statistics.refused_no_space, 0u);
    EXPECT_GE(core_->occupancy().entries, 195u) << "no more went than had to";
    core_->CheckInvariants();
  }
}

// Every entry is read all the time: as soon as one read ends, the next begins.
TEST_F(RawBlockCoreLimitsTest, WhatIsBeingReadMayGo) {
  FormatAndOpen({.bytes = 16 << 20, .max_entries = 100}, {.operations_in_flight_max = 256});
  for (int i = 0; i < 100; ++i) {
    Put(absl::StrCat("old", i));
    Finish();
  }
  std::function<void(const std::string&)> read_again = [&](const std::string& key) {
    core_->Get(key, destination_.span(), [&, key](const absl::StatusOr<uint64_t>& bytes) {
      if (bytes.ok()) read_again(key);
    });
  };
  for (int i = 0; i < 100; ++i) read_again(absl::StrCat("old", i));
  answers_.clear();
  for (int i = 0; i < 20; ++i) Put(absl::StrCat(i));
  Poll(2000);
  std::string expected;
  for (int i = 0; i < 20; ++i) expected += absl::StrCat(i, ":OK ");
  EXPECT_EQ(answers_, expected);
  core_->CheckInvariants();
  core_->Abandon();
}

// --- Order -----------------------------------------------------------------------------------

TEST_F(RawBlockCoreLimitsTest, PutsAndRemovalsOfAKeyGoInTheOrderOfTheirCalls) {
  FormatAndOpen({});
  Put("key");
  Remove("key");
  Finish();
  EXPECT_EQ(answers_, "key:OK key:OK ");
  EXPECT_FALSE(core_->Exists("key").has_value());

  Put("key");
  Remove("key");
  Put("key");
  Finish();
  EXPECT_TRUE(core_->Exists("key").has_value());

  Remove("key", {.durability = Durability::kDurable});
  Put("key");
  Remove("key");
  Remove("key");
  Finish();
  EXPECT_FALSE(core_->Exists("key").has_value());
  EXPECT_EQ(answers_, "key:OK key:OK key:OK key:OK key:OK key:OK key:OK key:NOT_FOUND key:OK ")
      << "the durable one is answered last";
  core_->CheckInvariants();
}

// --- Nothing that waits delays a get -----------------------------------------------------------

TEST_F(RawBlockCoreLimitsTest, AGetWaitsForNoJournal) {
  FormatAndOpen({.max_entries = 3000}, {.policy = EvictionPolicyKind::kNone});
  device_->set_hold([](const IoRequest& request) { return request.op == IoRequest::Op::kFlush; });
  uint64_t stored = 0;
  for (int i = 0; i < 2900; ++i) {
    Put(absl::StrCat(std::string(240, 'k'), i));
    Poll(2);
    clock_.now += absl::Milliseconds(1);
  }
  stored = core_->statistics().stored;
  ASSERT_LT(stored, 2900u) << "puts wait for the journal";
  const std::string first = absl::StrCat(std::string(240, 'k'), 0);
  const std::string second = absl::StrCat(std::string(240, 'k'), 1);
  answers_.clear();
  Remove(first);
  Get(second);
  Poll(3);
  EXPECT_EQ(answers_, absl::StrCat(second, ":OK "));
  EXPECT_TRUE(core_->Exists(first).has_value()) << "the removal waits";
  core_->CheckInvariants();
  device_->set_hold(nullptr);
  Finish();
  EXPECT_FALSE(core_->Exists(first).has_value());
  EXPECT_EQ(core_->statistics().stored, 2900u);
}

TEST_F(RawBlockCoreLimitsTest, AGetWaitsForNoPutThatWaitsForStagingMemory) {
  FormatAndOpen({.bytes = 128 << 20});
  Put("key");
  Finish();
  device_->set_hold([this](const IoRequest& request) {
    return request.op == IoRequest::Op::kWrite && request.offset >= layout_.data_offset;
  });
  const std::vector<std::byte> memory((20 << 20) + 1);
  const std::span<const std::byte> unaligned =
      std::span(memory).subspan(reinterpret_cast<uintptr_t>(memory.data()) % kBlock == 0 ? 1 : 0, 20 << 20);
  answers_.clear();
  Put("large", unaligned);
  Put("waits", unaligned);
  std::vector<std::byte> anywhere(kBlock + 1);
  core_->Get("key", std::span(anywhere).subspan(1),
             [this](const absl::StatusOr<uint64_t>& bytes) { Answer("unaligned", bytes.status()); });
  Get("key");
  Poll(2);
  EXPECT_EQ(answers_, "unaligned:OK key:OK ");
  device_->set_hold(nullptr);
  Finish();
  EXPECT_EQ(answers_, "unaligned:OK key:OK large:OK waits:OK ");
}

TEST_F(RawBlockCoreLimitsTest, ACrowdOfPutsDelaysAGetByOneOfThem) {
  FormatAndOpen({.max_entries = 3000}, {.operations_in_flight_max = 1});
  Put("key");
  Finish();
  answers_.clear();
  for (int i = 0; i < 1000; ++i) Put(absl::StrCat(i));
  Get("key");
  Poll(3);
  EXPECT_NE(answers_.find("key:OK"), std::string::npos) << answers_;
  Finish();
  EXPECT_EQ(core_->statistics().stored, 1001u);
}

// --- The journal --------------------------------------------------------------------------------

// The smallest ring, the longest keys, as many puts at a time as any device takes, and a checkpoint that is slow: from
// every place in the ring it ends in a store that goes on.
TEST_F(RawBlockCoreLimitsTest, AFullRingIsAlwaysFreed) {
  constexpr uint64_t kKeys = 400;  // replaced again and again
  constexpr int kAtOnce = 4096;
  constexpr uint64_t kStep = 11;  // of the ring, in blocks; JournalTest takes every one
  for (uint64_t start = 0; start < 256; start += kStep) {
    SCOPED_TRACE(start);
    FormatAndOpen({.bytes = 16 << 20, .max_entries = 700},
                  {.policy = EvictionPolicyKind::kNone, .operations_in_flight_max = kAtOnce});
    ASSERT_EQ(layout_.journal_bytes, 1u << 20);
    for (uint64_t i = 0; i < start; ++i) {
      Put("first", {.durability = Durability::kDurable, .replace = true});
      Finish();
    }
    device_->set_hold(HoldCheckpoints());
    const std::string filler(250, 'k');
    std::vector<std::string> keys;
    for (uint64_t i = 0; i < kKeys; ++i) keys.push_back(absl::StrCat(filler, i));
    uint64_t begun = 0;
    uint64_t ended = 0;
    const auto work = [&](int polls) {
      uint64_t before = ended;
      for (int idle = 0; idle < polls;) {
        for (; begun - ended < kAtOnce; ++begun) {
          core_->Put(keys[begun % kKeys], block_.span(), {.replace = true},
                     [&ended](const absl::StatusOr<PutOutcome>& outcome) {
                       EXPECT_EQ(outcome.status(), absl::OkStatus());
                       ++ended;
                     });
        }
        clock_.now += absl::Milliseconds(1);
        Poll();
        idle = ended == before ? idle + 1 : 0;
        before = ended;
      }
    };
    work(20 + 2 * static_cast<int>(kInterval / absl::Milliseconds(1)));
    EXPECT_GT(core_->statistics().journal_bytes_written, layout_.journal_bytes / 2);
    EXPECT_EQ(core_->volatile_since(), absl::InfiniteFuture()) << "what was answered is durable, however full the ring";
    if (start % (8 * kStep) == 0) {
      core_->CheckInvariants();
      const std::unique_ptr<RawBlockCore> crashed = Crashed();
      EXPECT_EQ(crashed->occupancy().entries, kKeys + (start > 0 ? 1 : 0));
      EXPECT_EQ(crashed->statistics().checkpoints, 1u) << "the ring had no room for another session";
      crashed->CheckInvariants();
    }
    bool flushed = false;
    core_->Flush([&flushed](const absl::Status& status) { flushed = status.ok(); });
    device_->set_hold(nullptr);
    Finish();
    EXPECT_TRUE(flushed);
    EXPECT_EQ(ended, begun);
    EXPECT_EQ(core_->Close(), absl::OkStatus());
  }
}

// --- Time ------------------------------------------------------------------------------------------

TEST_F(RawBlockCoreLimitsTest, ASlowCheckpointKeepsNoAnswerVolatile) {
  FormatAndOpen({.bytes = 64 << 20, .max_entries = 4000}, {.policy = EvictionPolicyKind::kNone});
  device_->set_hold(HoldCheckpoints());
  const std::string filler(240, 'k');
  uint64_t begun = 0;
  uint64_t ended = 0;
  absl::Duration longest;
  for (int i = 0; i < 50'000; ++i) {
    for (; begun - ended < 64; ++begun) {
      core_->Put(keys_.emplace_back(absl::StrCat(filler, begun % 1000)), block_.span(), {.replace = true},
                 [&ended](const absl::StatusOr<PutOutcome>& outcome) {
                   EXPECT_EQ(outcome.status(), absl::OkStatus());
                   ++ended;
                 });
    }
    clock_.now += absl::Microseconds(200);
    Poll();
    longest = std::max(longest, clock_.now - core_->volatile_since());
  }
  EXPECT_GT(ended, 1000u);
  EXPECT_LT(begun, 50'000u) << "the ring is full";
  EXPECT_EQ(core_->statistics().checkpoints, 0u);
  EXPECT_LE(longest, kInterval + absl::Milliseconds(2));
  EXPECT_EQ(core_->volatile_since(), absl::InfiniteFuture());
  EXPECT_EQ(Crashed()->recovery().journal_records, ended + 1) << "and the session's";
  device_->set_hold(nullptr);
  Finish();
  EXPECT_EQ(ended, begun);
}

TEST_F(RawBlockCoreLimitsTest, WhileTheJournalIsSlowPutsAreAnsweredLateRatherThanVolatile) {
  FormatAndOpen({.max_entries = 4000});
  device_->set_hold(HoldJournal());
  uint64_t answered = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    core_->Put(keys_.emplace_back(absl::StrCat(i)), block_.span(), {},
               [&answered](const absl::StatusOr<PutOutcome>&) { ++answered; });
    clock_.now += absl::Milliseconds(1);
    Poll();
  }
  EXPECT_GT(answered, 50u);
  EXPECT_LT(answered, 110u) << "twice the interval, and a poll or two";
  EXPECT_GT(clock_.now - core_->volatile_since(), absl::Milliseconds(900)) << "those cannot be helped";
  core_->CheckInvariants();
  device_->set_hold(nullptr);
  Finish();
  EXPECT_EQ(answered, 1000u);
  EXPECT_EQ(core_->volatile_since(), absl::InfiniteFuture());
}

}  // namespace
}  // namespace slotwise
