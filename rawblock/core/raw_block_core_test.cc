// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/raw_block_core.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "iouring/aligned_buffer.h"
#include "rawblock/disk/metadata_io.h"
#include "rawblock/testing/temporary_store.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;
using Engine = AllocatorOptions::Engine;

constexpr size_t kFullBytes = 64 << 10;

// "0", "1", ... behind a prefix; puts under way borrow them.
std::vector<std::string> NumberedKeys(size_t count, const std::string& prefix = "") {
  std::vector<std::string> keys;
  for (size_t i = 0; i < count; ++i) keys.push_back(absl::StrCat(prefix, i));
  return keys;
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

class RawBlockCoreTest : public ::testing::TestWithParam<Engine> {
 protected:
  static TemporaryStore::Options StoreOptions() { return {.engine = GetParam(), .full_bytes = kFullBytes, .core = {}}; }
};

INSTANTIATE_TEST_SUITE_P(Engines, RawBlockCoreTest, ::testing::ValuesIn(kAllocatorEngines),
                         [](const auto& param) { return std::string(EngineName(param.param)); });

TEST_P(RawBlockCoreTest, GivesBackWhatWasPut) {
  TemporaryStore store(StoreOptions());
  for (const size_t bytes : {size_t{1}, size_t{511}, size_t{4096}, size_t{4097}, kFullBytes - 1, kFullBytes}) {
    const std::string key = absl::StrCat("key of ", bytes);
    ASSERT_EQ(*store.Put(key, PatternPayload(bytes, bytes)), PutOutcome::kStored);
    EXPECT_EQ(store.core().Exists(key), bytes);
    EXPECT_EQ(*store.Get(key), PatternPayload(bytes, bytes));
  }
  EXPECT_EQ(store.core().statistics().hits, 6u);
  store.core().CheckInvariants();
}

TEST_P(RawBlockCoreTest, MissesWhatWasNeverPutOrWasRemoved) {
  TemporaryStore store(StoreOptions());
  EXPECT_TRUE(absl::IsNotFound(store.Get("a").status()));
  EXPECT_TRUE(absl::IsNotFound(store.Remove("a")));
  ASSERT_TRUE(store.Put("a", PatternPayload(1, 5000)).ok());
  ASSERT_TRUE(store.Remove("a").ok());
  EXPECT_FALSE(store.core().Exists("a").has_value());
  EXPECT_TRUE(absl::IsNotFound(store.Get("a").status()));
}

TEST_P(RawBlockCoreTest, KeepsOrReplacesAKeyThatIsThere) {
  TemporaryStore store(StoreOptions());
  ASSERT_TRUE(store.Put("a", PatternPayload(1, 5000)).ok());
  EXPECT_EQ(*store.Put("a", PatternPayload(2, 600)), PutOutcome::kAlreadyStored);
  EXPECT_EQ(*store.Get("a"), PatternPayload(1, 5000));
  EXPECT_EQ(*store.Put("a", PatternPayload(2, 600), {.replace = true}), PutOutcome::kStored);
  EXPECT_EQ(*store.Get("a"), PatternPayload(2, 600));
  store.core().CheckInvariants();
}

TEST_P(RawBlockCoreTest, SecondPutOfAKeyInFlightWaitsForTheFirst) {
  TemporaryStore store(StoreOptions());
  const std::vector<std::byte> first = PatternPayload(1, 5000);
  const std::vector<std::byte> second = PatternPayload(2, 5000);
  std::vector<PutOutcome> outcomes;
  bool done = false;
  store.core().Put("a", first, {}, [&](absl::StatusOr<PutOutcome> outcome) { outcomes.push_back(*outcome); });
  store.core().Put("a", second, {}, [&](absl::StatusOr<PutOutcome> outcome) {
    outcomes.push_back(*outcome);
    done = true;
  });
  store.Await(done);
  EXPECT_EQ(outcomes, (std::vector{PutOutcome::kStored, PutOutcome::kAlreadyStored}));
  EXPECT_EQ(*store.Get("a"), first);
}

TEST_P(RawBlockCoreTest, RefusesWhatItCannotTake) {
  TemporaryStore store(StoreOptions());
  const std::vector<std::byte> payload(100);
  EXPECT_TRUE(absl::IsInvalidArgument(store.Put("", payload).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(store.Put(std::string(5000, 'k'), payload).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(store.Put("a", {}).status()));
  const uint64_t blocks = store.core().allocator().largest_allocation().value();
  const absl::Status too_large = store.Put("a", std::vector<std::byte>(blocks * 4096 + 1)).status();
  EXPECT_TRUE(absl::IsOutOfRange(too_large)) << too_large;
  EXPECT_THAT(Message(too_large), HasSubstr(absl::StrCat(blocks * 4096)));

  ASSERT_TRUE(store.Put("a", payload).ok());
  absl::Status small;
  bool done = false;
  std::vector<std::byte> destination(99);
  store.core().Get("a", destination, [&](absl::StatusOr<uint64_t> bytes) {
    small = bytes.status();
    done = true;
  });
  store.Await(done);
  EXPECT_TRUE(absl::IsOutOfRange(small)) << small;
}

TEST_P(RawBlockCoreTest, DurableSurvivesACrash) {
  TemporaryStore store(StoreOptions());
  ASSERT_TRUE(store.Put("durable", PatternPayload(1, 5000), {.durability = Durability::kDurable}).ok());
  ASSERT_TRUE(store.Put("removed", PatternPayload(2, 5000), {.durability = Durability::kDurable}).ok());
  ASSERT_TRUE(store.Remove("removed", {.durability = Durability::kDurable}).ok());
  ASSERT_TRUE(store.Crash().ok());
  EXPECT_EQ(*store.Get("durable"), PatternPayload(1, 5000));
  EXPECT_FALSE(store.core().Exists("removed").has_value());
  store.core().CheckInvariants();
}

TEST_P(RawBlockCoreTest, EverythingSurvivesCloseFlushAndCheckpoint) {
  TemporaryStore store(StoreOptions());
  ASSERT_TRUE(store.Put("closed", PatternPayload(1, 5000)).ok());
  ASSERT_TRUE(store.Reopen().ok());
  ASSERT_TRUE(store.Put("flushed", PatternPayload(2, 5000)).ok());
  ASSERT_TRUE(store.Flush().ok());
  ASSERT_TRUE(store.Crash().ok());
  ASSERT_TRUE(store.Put("checkpointed", PatternPayload(3, 5000)).ok());
  ASSERT_TRUE(store.Checkpoint().ok());
  ASSERT_TRUE(store.Crash().ok());
  EXPECT_EQ(*store.Get("closed"), PatternPayload(1, 5000));
  EXPECT_EQ(*store.Get("flushed"), PatternPayload(2, 5000));
  EXPECT_EQ(*store.Get("checkpointed"), PatternPayload(3, 5000));
  EXPECT_EQ(store.core().recovery().checkpoint_records, 3u);
}

TEST_P(RawBlockCoreTest, BatchedBecomesDurableByItself) {
  TemporaryStore store(StoreOptions());
  ASSERT_TRUE(store.Put("a", PatternPayload(1, 5000)).ok());
  while (!store.core().idle()) ASSERT_TRUE(store.core().Poll(absl::Seconds(1)).ok());
  ASSERT_TRUE(store.Crash().ok());
  EXPECT_EQ(*store.Get("a"), PatternPayload(1, 5000));
}

TEST_P(RawBlockCoreTest, AFullStoreEvictsTheColdest) {
  TemporaryStore store(StoreOptions());
  const std::vector<std::byte> payload = PatternPayload(7, kFullBytes);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(store.Put(absl::StrCat(i), payload).ok()) << i;
    ASSERT_EQ(store.Get("0").ok(), true) << i;  // always the hottest
  }
  EXPECT_GT(store.core().statistics().evictions, 700u);
  EXPECT_TRUE(store.core().Exists("999").has_value());
  EXPECT_FALSE(store.core().Exists("1").has_value());
  const Occupancy occupancy = store.core().occupancy();
  EXPECT_GT(occupancy.payload_blocks, occupancy.capacity_blocks * 8 / 10);
  store.core().CheckInvariants();
}

TEST_P(RawBlockCoreTest, WithoutAPolicyAFullStoreRefusesUntilSomethingIsRemoved) {
  TemporaryStore::Options options = StoreOptions();
  options.core.policy = EvictionPolicyKind::kNone;
  TemporaryStore store(options);
  const std::vector<std::byte> payload = PatternPayload(7, kFullBytes);
  int stored = 0;
  absl::Status refused;
  while (refused.ok()) {
    refused = store.Put(absl::StrCat(stored), payload).status();
    stored += refused.ok();
  }
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_EQ(store.core().statistics().refused_no_space, 1u);
  ASSERT_TRUE(store.Remove("0", {.durability = Durability::kDurable}).ok());
  EXPECT_TRUE(store.Put("another", payload).ok());
  for (int i = 1; i < stored; ++i) EXPECT_EQ(*store.Get(absl::StrCat(i)), payload);
}

TEST_P(RawBlockCoreTest, RefusesMoreEntriesThanItWasFormattedFor) {
  TemporaryStore::Options options = StoreOptions();
  options.max_entries = 64;
  options.core.policy = EvictionPolicyKind::kNone;
  TemporaryStore store(options);
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(store.Put(absl::StrCat(i), PatternPayload(1, 10)).ok());
  const absl::Status refused = store.Put("one more", PatternPayload(1, 10)).status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_THAT(Message(refused), HasSubstr("64 entries"));
  EXPECT_EQ(store.core().statistics().refused_no_entry, 1u);
}

TEST_P(RawBlockCoreTest, APinnedEntryStaysUntilUnpinned) {
  TemporaryStore store(StoreOptions());
  const std::vector<std::byte> payload = PatternPayload(1, kFullBytes);
  ASSERT_TRUE(store.Put("pinned", payload).ok());
  const std::optional<Pin> pin = store.core().PinKey("pinned");
  ASSERT_TRUE(pin.has_value());
  EXPECT_FALSE(store.core().PinKey("absent").has_value());
  EXPECT_TRUE(absl::IsFailedPrecondition(store.Remove("pinned")));
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(store.Put(absl::StrCat(i), payload).ok());
  EXPECT_EQ(*store.Get("pinned"), payload);

  ASSERT_TRUE(store.Remove("pinned", {.durability = Durability::kDurable, .force = true}).ok());
  EXPECT_FALSE(store.core().Exists("pinned").has_value());
  EXPECT_GE(store.core().occupancy().awaiting_free_blocks, kFullBytes / 4096);
  store.core().CheckInvariants();
  store.core().Unpin(*pin);
  EXPECT_EQ(store.core().occupancy().awaiting_free_blocks, 0u);
  store.core().CheckInvariants();
}

// A forced removal while a read is under way must not hand the blocks to
// another payload before the read is done.
TEST_P(RawBlockCoreTest, ARemovedEntryIsStillReadRight) {
  TemporaryStore store(StoreOptions());
  const std::vector<std::byte> payload = PatternPayload(1, kFullBytes);
  ASSERT_TRUE(store.Put("a", payload).ok());
  AlignedBuffer destination(kFullBytes, 4096);
  bool done = false;
  absl::StatusOr<uint64_t> read = absl::UnknownError("");
  store.core().Get("a", destination.span(), [&](absl::StatusOr<uint64_t> bytes) {
    read = bytes;
    done = true;
  });
  store.core().Remove("a", {.durability = Durability::kDurable, .force = true}, [](absl::Status) {});
  const std::vector<std::string> keys = NumberedKeys(300);
  for (const std::string& key : keys) store.core().Put(key, payload, {}, [](absl::StatusOr<PutOutcome>) {});
  store.Await(done);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(std::ranges::equal(destination.span(), payload));
  ASSERT_TRUE(store.Flush().ok());
}

TEST_P(RawBlockCoreTest, DamageIsAMissNeverWrongBytes) {
  TemporaryStore store(StoreOptions());
  ASSERT_TRUE(store.Put("a", PatternPayload(1, 10000), {.durability = Durability::kDurable}).ok());
  uint64_t offset = 0;
  store.core().ForEach([&](const EntryView& entry) {
    offset = store.core().header().layout.ByteOffset(entry.placement.front().start());
  });
  AlignedBuffer block(4096, 4096);
  ASSERT_TRUE(ReadBytes(&store.device(), offset + 4096, block.span()).ok());
  block.span()[77] ^= std::byte{1};
  ASSERT_TRUE(WriteBytes(&store.device(), offset + 4096, block.span()).ok());

  EXPECT_TRUE(absl::IsDataLoss(store.Get("a").status()));
  EXPECT_EQ(store.core().statistics().checksum_failures, 1u);
  EXPECT_TRUE(absl::IsNotFound(store.Get("a").status()));
  EXPECT_TRUE(store.Put("a", PatternPayload(2, 10000)).ok());
  EXPECT_EQ(*store.Get("a"), PatternPayload(2, 10000));
  store.core().CheckInvariants();
}

TEST_P(RawBlockCoreTest, TailsAreZeroOnTheDevice) {
  TemporaryStore store(StoreOptions());
  // What the blocks held before must not show behind the next payload.
  ASSERT_TRUE(store.Put("old", PatternPayload(1, kFullBytes), {.durability = Durability::kDurable}).ok());
  ASSERT_TRUE(store.Remove("old", {.durability = Durability::kDurable}).ok());
  ASSERT_TRUE(store.Put("new", PatternPayload(2, 5000)).ok());
  uint64_t offset = 0;
  store.core().ForEach([&](const EntryView& entry) {
    offset = store.core().header().layout.ByteOffset(entry.placement.front().start());
  });
  AlignedBuffer blocks(8192, 4096);
  ASSERT_TRUE(ReadBytes(&store.device(), offset, blocks.span()).ok());
  EXPECT_TRUE(std::ranges::equal(blocks.span().first(5000), PatternPayload(2, 5000)));
  EXPECT_TRUE(std::ranges::all_of(blocks.span().subspan(5000), [](std::byte byte) { return byte == std::byte{0}; }));
}

TEST_P(RawBlockCoreTest, AlignedMemoryIsReadInPlaceAndKeptBeyondTheLastBlock) {
  TemporaryStore store(StoreOptions());
  AlignedBuffer source(12288, 4096);
  const std::vector<std::byte> payload = PatternPayload(3, 5000);
  std::ranges::copy(payload, source.span().begin());
  ASSERT_TRUE(store.Put("a", std::span(source.span()).first(5000)).ok());
  AlignedBuffer destination(12288, 4096);
  std::memset(destination.span().data(), 0x5a, destination.size());
  bool done = false;
  store.core().Get("a", destination.span(), [&](absl::StatusOr<uint64_t> bytes) {
    EXPECT_EQ(*bytes, 5000u);
    done = true;
  });
  store.Await(done);
  EXPECT_TRUE(std::ranges::equal(destination.span().first(5000), payload));
  EXPECT_EQ(destination.span()[8192], std::byte{0x5a});
}

// Far more operations than the device takes at once, and checkpoints meanwhile.
TEST_P(RawBlockCoreTest, ManyOperationsAtOnceAllComplete) {
  TemporaryStore store(StoreOptions());
  std::vector<std::vector<std::byte>> payloads;
  for (int i = 0; i < 600; ++i) payloads.push_back(PatternPayload(i, 1 + i * 101 % kFullBytes));
  const std::vector<std::string> keys = NumberedKeys(600);
  int completed = 0;
  bool done = false;
  for (int i = 0; i < 600; ++i) {
    store.core().Put(keys[i], payloads[i], {}, [&](absl::StatusOr<PutOutcome> outcome) {
      EXPECT_TRUE(outcome.ok()) << outcome.status();
      done = ++completed == 600;
    });
    if (i % 200 == 0) store.core().Checkpoint([](absl::Status status) { EXPECT_TRUE(status.ok()) << status; });
  }
  store.Await(done);
  store.core().CheckInvariants();
  ASSERT_TRUE(store.Reopen().ok());
  store.core().ForEach([&](const EntryView& entry) { EXPECT_GT(entry.payload_bytes, 0u); });
  for (int i = 0; i < 600; ++i) {
    const absl::StatusOr<std::vector<std::byte>> payload = store.Get(keys[i]);
    if (payload.ok()) {
      EXPECT_EQ(*payload, payloads[i]) << i;
    }
  }
  EXPECT_EQ(store.core().statistics().checksum_failures, 0u);
  EXPECT_GT(store.core().statistics().hits, 50u);
}

// Many times more records than the journal holds: the ring laps, checkpoints
// free it, and crashes in between lose nothing that was flushed.
TEST_P(RawBlockCoreTest, TheJournalLapsBehindCheckpoints) {
  TemporaryStore::Options options = StoreOptions();
  options.full_bytes = 4096;
  TemporaryStore store(options);
  const std::vector<std::byte> payload = PatternPayload(1, 100);
  const std::vector<std::string> keys = NumberedKeys(500, std::string(150, 'k'));
  uint64_t journal_bytes = 0;
  for (int round = 0; round < 64; ++round) {
    for (const std::string& key : keys) {
      store.core().Put(key, payload, {.durability = Durability::kDurable, .replace = true},
                       [](absl::StatusOr<PutOutcome> outcome) { EXPECT_TRUE(outcome.ok()) << outcome.status(); });
    }
    while (!store.core().idle()) ASSERT_TRUE(store.core().Poll(absl::Seconds(1)).ok());
    journal_bytes += store.core().statistics().journal_bytes_written;
    ASSERT_TRUE(store.Crash().ok());
    ASSERT_EQ(store.core().occupancy().entries, 500u);
  }
  EXPECT_GT(journal_bytes, 3 * store.core().header().layout.journal_bytes);
  EXPECT_GT(store.core().recovery().checkpoint_sequence, 5u);
  store.core().CheckInvariants();
}

}  // namespace
}  // namespace slotwise
