// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/puts.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "allocator/allocator.h"
#include "allocator/allocator_options.h"
#include "gtest/gtest.h"
#include "rawblock/testing/log_store.h"

namespace slotwise {
namespace {

constexpr uint64_t kBlock = LogStore::kBlock;
constexpr uint64_t kBlocks = 16;

// A buddy allocator that counts how often it is asked for blocks.
class CountingAllocator final : public Allocator {
 public:
  uint64_t asked() const { return asked_; }

  std::optional<Placement> Allocate(BlockCount count) override {
    ++asked_;
    return allocator_->Allocate(count);
  }
  void Free(const Placement& placement) override { allocator_->Free(placement); }
  bool Mark(const Placement& placement) override { return allocator_->Mark(placement); }
  bool Helps(const Placement& victim, BlockCount count) const override { return allocator_->Helps(victim, count); }
  BlockCount FootprintOf(BlockCount count) const override { return allocator_->FootprintOf(count); }
  BlockCount largest_allocation() const override { return allocator_->largest_allocation(); }
  BlockCount capacity() const override { return allocator_->capacity(); }
  BlockCount free_blocks() const override { return allocator_->free_blocks(); }
  void CheckInvariants() const override { allocator_->CheckInvariants(); }

 private:
  const std::unique_ptr<Allocator> allocator_ =
      CreateAllocator({.engine = AllocatorOptions::Engine::kBuddy}, BlockCount(kBlocks)).value();
  uint64_t asked_ = 0;
};

class PutsTest : public testing::Test {
 protected:
  explicit PutsTest(EvictionPolicyKind policy = EvictionPolicyKind::kLru) {
    RecoveredStore recovered;
    recovered.header = store_.header();
    recovered.index = std::make_unique<Index>(store_.header().salt);
    auto allocator = std::make_unique<CountingAllocator>();
    allocator_ = allocator.get();
    recovered.allocator = std::move(allocator);
    parts_ = std::make_unique<CoreParts>(store_.device(), &clock_, CoreOptions{.policy = policy}, &recovered);
    puts_ = std::make_unique<Puts>(parts_.get(), Watermarks{.low = 0, .high = 0});
  }

  // Its answer becomes "KEY:stored ", "KEY:kept " or "KEY:<status code> ".
  void Start(std::string_view key, uint64_t blocks, const PutOptions& options = {}) {
    Operation* put = parts_->operations.Begin(Operation::Kind::kPut);
    put->key = key;
    put->memory = memory_.span().first(blocks * kBlock);
    put->payload_bytes = blocks * kBlock;
    put->put_options = options;
    put->put_done = [this, key](const absl::StatusOr<PutOutcome>& outcome) {
      answers_ += std::string(key) + ":" + Text(outcome) + " ";
    };
    puts_->Start(put);
    GrantTurns();
  }
  static std::string Text(const absl::StatusOr<PutOutcome>& outcome) {
    if (!outcome.ok()) return absl::StatusCodeToString(outcome.status().code());
    return *outcome == PutOutcome::kStored ? "stored" : "kept";
  }
  void GrantTurns() {
    bool placed = true;
    while (placed) {
      while (Operation* put = parts_->lines.Next()) puts_->Begin(put);
      placed = puts_->PlaceNext();
    }
  }
  // One round of what RawBlockCore::Poll does.
  void Advance() {
    parts_->commits.Finish();
    parts_->entries.FinishDurable();
    parts_->commits.AdvanceCheckpoint();
    GrantTurns();
    parts_->commits.CommitIfDue(absl::UnixEpoch(), puts_->awaiting_room() > 0);
    puts_->CheckInvariants();
    store_.Finish();
    puts_->CheckInvariants();
    parts_->operations.RunCompleted();
  }
  // What may have let an entry go.
  void EndATurn() {
    AlignedBuffer none = parts_->turns.Take(Operation::Kind::kPut, memory_.span().data(), 1);
    parts_->turns.End(Operation::Kind::kPut, &none);
  }
  void Advance(int rounds) {
    for (int i = 0; i < rounds; ++i) Advance();
  }

  LogStore store_;
  SystemClock clock_;
  AlignedBuffer memory_{kBlocks * kBlock, kBlock};
  CountingAllocator* allocator_ = nullptr;  // the entries'
  std::unique_ptr<CoreParts> parts_;
  std::unique_ptr<Puts> puts_;
  std::string answers_;
};

class PutsWithoutEvictionTest : public PutsTest {
 protected:
  PutsWithoutEvictionTest() : PutsTest(EvictionPolicyKind::kNone) {}
};

TEST_F(PutsTest, IsPublishedOnlyOnceItsPayloadIsWritten) {
  Start("a", 2);
  EXPECT_FALSE(parts_->entries.Find("a").has_value());
  EXPECT_EQ(parts_->journal.pending_bytes(), 0u);
  Advance();
  EXPECT_TRUE(parts_->entries.Find("a").has_value());
  EXPECT_EQ(answers_, "a:stored ");
}

TEST_F(PutsTest, PutsOfOneKeyGoOneAfterTheOther) {
  Start("a", 1);
  Start("a", 2, {.replace = true});
  Start("a", 3);
  EXPECT_EQ(parts_->lines.followers(), 2u);
  EXPECT_EQ(parts_->turns.taken(), 1);
  Advance(3);
  EXPECT_EQ(answers_, "a:stored a:stored a:kept ");
  EXPECT_EQ(parts_->entries.entry(*parts_->entries.Find("a")).payload_bytes, 2 * kBlock);
}

TEST_F(PutsTest, ADurablePutWaitsForItsRecordAndOneThatIsThereForItsOwn) {
  Start("a", 1, {.durability = Durability::kDurable});
  store_.Finish();
  parts_->operations.RunCompleted();
  EXPECT_EQ(answers_, "");
  Start("a", 1, {.durability = Durability::kDurable});
  parts_->operations.RunCompleted();
  EXPECT_EQ(answers_, "") << "it is there, but not durable";
  Advance(2);
  EXPECT_EQ(answers_, "a:stored a:kept ");
}

TEST_F(PutsTest, AFailedWriteGivesItsBlocksBackAndTheNextOfItsKeyGoesOn) {
  store_.FailAll('w');
  Start("a", 4);
  Start("a", 4);
  store_.Finish();
  store_.FailAll(0);
  Advance(2);
  EXPECT_EQ(answers_, "a:DATA_LOSS a:stored ");
  EXPECT_EQ(parts_->statistics.write_errors, 1u);
  EXPECT_EQ(parts_->entries.occupancy().free_blocks, kBlocks - 4);
}

TEST_F(PutsTest, WaitsForTheEvictionsMadeForItToBeDurable) {
  Start("a", kBlocks);
  Advance();
  Start("b", kBlocks);
  GrantTurns();
  EXPECT_EQ(puts_->awaiting_room(), 1u);
  EXPECT_FALSE(parts_->entries.Find("a").has_value()) << "evicted";
  EXPECT_EQ(parts_->entries.occupancy().free_blocks, 0u) << "not durably";
  Advance(3);
  EXPECT_EQ(answers_, "a:stored b:stored ");
}

TEST_F(PutsTest, EvictsNoMoreBeforeWhatItEvictedIsDurable) {
  Start("a", kBlocks / 2);
  Start("b", kBlocks / 2);
  Advance();
  Start("c", kBlocks / 2);
  GrantTurns();
  EXPECT_EQ(parts_->entries.evictions(), 1u);
  for (int i = 0; i < 3; ++i) {
    EndATurn();
    GrantTurns();
  }
  EXPECT_EQ(parts_->entries.evictions(), 1u);
  Advance(3);
  EXPECT_EQ(answers_, "a:stored b:stored c:stored ");
}

TEST_F(PutsTest, IsWokenByRecordsThatAreNoRemovals) {
  Start("a", kBlocks);
  store_.Finish();
  const Pin pin = parts_->entries.PinEntry(*parts_->entries.Find("a"));
  AlignedBuffer none =
      parts_->turns.Take(Operation::Kind::kPut, memory_.span().data(), 1);  // a transfer under way: there is hope
  Start("b", 1);
  GrantTurns();
  parts_->turns.End(Operation::Kind::kPut, &none);
  parts_->commits.CommitIfDue(absl::UnixEpoch(), /*wanted=*/true);
  GrantTurns();
  EXPECT_EQ(puts_->awaiting_room(), 1u) << "the record of a is not durable";
  store_.Finish();
  GrantTurns();
  EXPECT_EQ(puts_->awaiting_room(), 0u) << "nothing is under way, and a is pinned: it is refused";
  EXPECT_TRUE(parts_->entries.Unpin(pin));
}

TEST_F(PutsTest, ASmallPutLinesUpBehindALargeOneThatWaitsForRoom) {
  Start("a", kBlocks / 2);
  Advance();
  const Pin pin = parts_->entries.PinEntry(*parts_->entries.Find("a"));
  AlignedBuffer none = parts_->turns.Take(Operation::Kind::kPut, memory_.span().data(), 1);  // there is hope
  Start("large", kBlocks);
  Start("small", 1);
  EXPECT_EQ(puts_->awaiting_room(), 2u) << "it lines up, although there is room for it";
  Advance(3);
  EXPECT_EQ(puts_->awaiting_room(), 2u);
  EXPECT_TRUE(parts_->entries.Unpin(pin));
  parts_->turns.End(Operation::Kind::kPut, &none);
  Advance(6);
  EXPECT_EQ(answers_, "a:stored large:stored small:stored ");
}

TEST_F(PutsTest, WhatAllThatWaitNeedIsEvictedTogether) {
  std::string expected;
  for (const char* key : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
    Start(key, kBlocks / 8);
    expected += std::string(key) + ":stored ";
  }
  Advance(2);
  const uint64_t groups = parts_->commits.groups_started();
  for (const char* key : {"i", "j", "k", "l", "m", "n", "o", "p"}) {
    Start(key, kBlocks / 8);
    expected += std::string(key) + ":stored ";
  }
  EXPECT_EQ(parts_->entries.evictions(), 8u) << "one for each";
  Advance(2);
  EXPECT_EQ(answers_, expected);
  EXPECT_LE(parts_->commits.groups_started(), groups + 2);
}

TEST_F(PutsTest, WhatWasEvictedForOneBehindTheFirstIsAwaitedToo) {
  Start("a", kBlocks / 2);
  Start("b", kBlocks / 2);
  Advance(2);
  Start("c", kBlocks / 2);
  Start("d", kBlocks / 2);
  EXPECT_EQ(parts_->entries.evictions(), 2u);
  for (int i = 0; i < 3; ++i) {
    EndATurn();
    GrantTurns();
  }
  EXPECT_EQ(parts_->entries.evictions(), 2u);
  Advance(3);
  EXPECT_EQ(answers_, "a:stored b:stored c:stored d:stored ");
  EXPECT_EQ(parts_->entries.evictions(), 2u);
}

// How many wait must not matter to what a put costs.
TEST_F(PutsTest, APutIsTriedAFewTimesHoweverManyWait) {
  constexpr uint64_t kPuts = 20'000;
  std::deque<std::string> keys;
  for (uint64_t i = 0; i < kPuts; ++i) Start(keys.emplace_back(absl::StrCat(i)), 1);
  for (uint64_t rounds = 0; parts_->statistics.stored < kPuts; ++rounds) {
    ASSERT_LT(rounds, 10 * kPuts);
    Advance();
  }
  EXPECT_LE(allocator_->asked(), 3 * kPuts);
  EXPECT_LE(parts_->commits.groups_started(), kPuts / 4) << "they do not wait one after the other";
}

TEST_F(PutsTest, WhenNothingMayGoAllOfOneSizeAreRefusedWithTheFirst) {
  Start("a", kBlocks);
  Advance();
  const Pin pin = parts_->entries.PinEntry(*parts_->entries.Find("a"));
  std::deque<std::string> keys;
  for (int i = 0; i < 1000; ++i) Start(keys.emplace_back(absl::StrCat(i)), 1);
  EXPECT_EQ(parts_->statistics.refused_no_space, 1000u);
  EXPECT_TRUE(parts_->entries.Unpin(pin));
  Start("b", 1);
  Advance(3);
  EXPECT_EQ(parts_->statistics.stored, 2u) << "what has been unpinned may go";
}

TEST_F(PutsWithoutEvictionTest, IsRefusedWhenNothingCanMakeRoom) {
  Start("a", kBlocks);
  Advance();
  Start("b", 1);
  Advance(2);
  EXPECT_EQ(answers_, "a:stored b:RESOURCE_EXHAUSTED ");
  EXPECT_EQ(parts_->statistics.refused_no_space, 1u);
}

TEST_F(PutsWithoutEvictionTest, WaitsForARemovalThatIsNotDurable) {
  Start("a", kBlocks);
  Advance();
  parts_->entries.Remove(*parts_->entries.Find("a"));
  Start("b", kBlocks);
  Advance(3);
  EXPECT_EQ(answers_, "a:stored b:stored ");
}

TEST_F(PutsTest, WhatWaitsWhenTheJournalFailsIsFailed) {
  Start("a", kBlocks);
  Advance();
  Start("b", kBlocks);
  store_.FailAll('f');
  Advance(4);
  EXPECT_EQ(answers_, "a:stored b:FAILED_PRECONDITION ");
}

}  // namespace
}  // namespace slotwise
