// SPDX-License-Identifier: Apache-2.0
#include "rawblock/make/store_check.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/group.h"
#include "rawblock/disk/record.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/log/checkpoint.h"
#include "rawblock/make/format_store.h"
#include "rawblock/testing/memory_device.h"

namespace slotwise {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint64_t kBlock = 4096;
constexpr uint64_t kSalt = 42;
constexpr size_t kPayloadBytes = 3000;
constexpr uint64_t kFirstLsn = format::kSessionLsns;  // of the record that opens the first session

// A store in memory that is damaged, checked and repaired.
class StoreCheckTest : public ::testing::Test {
 protected:
  StoreCheckTest() : device_(48 << 20) {
    FormatOptions options;
    options.max_entries = 4000;
    options.salt = kSalt;
    options.allocator.engine = AllocatorOptions::Engine::kExtent;
    CHECK_EQ(FormatStore(&device_, options), absl::OkStatus());
    header_ = ReadStoreHeader(&device_, nullptr).value();
  }

  static std::string Key(int i) { return absl::StrCat(std::string(90, 'k'), i); }
  static std::vector<std::byte> Payload(const std::string& key) {
    return std::vector<std::byte>(kPayloadBytes, static_cast<std::byte>(std::hash<std::string>()(key)));
  }

  void Open() { core_ = RawBlockCore::Open(&device_, &clock_, {}).value(); }
  void Kill() { core_.reset(); }
  void Close() {
    EXPECT_TRUE(core_->Close().ok());
    core_.reset();
  }

  void Put(int i, Durability durability = Durability::kBatched) {
    const std::string key = Key(i);
    const std::vector<std::byte> payload = Payload(key);
    core_->Put(key, payload, {.durability = durability},
               [](const absl::StatusOr<PutOutcome>& outcome) { EXPECT_TRUE(outcome.ok()) << outcome.status(); });
    while (!core_->idle()) ASSERT_TRUE(core_->Poll(absl::InfiniteDuration()).ok());
  }

  void Remove(int i) {
    const std::string key = Key(i);
    core_->Remove(key, {.durability = Durability::kDurable},
                  [](const absl::Status& status) { ASSERT_TRUE(status.ok()); });
    while (!core_->idle()) ASSERT_TRUE(core_->Poll(absl::InfiniteDuration()).ok());
  }

  // Each in a group of its own.
  void PutDurably(int count) {
    for (int i = 0; i < count; ++i) Put(i, Durability::kDurable);
  }

  Placement PlaceOf(const std::string& key) {
    std::optional<Placement> place;
    core_->ForEach([&](const EntryView& entry) {
      if (entry.key == key) place = entry.placement;
    });
    return place.value();
  }

  void Damage(uint64_t offset) { device_.bytes()[offset] ^= std::byte{1}; }
  void DamageHeaders(size_t slot) {
    for (const uint64_t copy : {0, 1}) {
      Damage(header_.layout.checkpoint_offset[slot] + CheckpointHeaderOffset(header_.layout, copy) + 8);
    }
  }

  // The offset in the ring of the journal group that starts with `lsn`.
  uint64_t GroupOffset(uint64_t lsn) {
    for (uint64_t offset = 0; offset < header_.layout.journal_bytes; offset += kBlock) {
      const auto bytes = device_.bytes().subspan(header_.layout.journal_offset + offset);
      if (GroupSequence(format::kJournalMagic, bytes) == lsn) return header_.layout.journal_offset + offset;
    }
    ADD_FAILURE() << "no group at LSN " << lsn;
    return 0;
  }

  // Journals a put that no correct store makes, as the next group.
  void Forge(const std::string& key, const Placement& placement) {
    const RecoveredStore store = Recover(&device_).value();
    std::vector<std::byte> records;
    AppendRecord({.type = format::RecordType::kPut, .key = key, .placement = placement, .payload_bytes = 100},
                 &records);
    const uint64_t offset = header_.layout.journal_offset + store.journal_next.position % header_.layout.journal_bytes;
    EncodeGroup({.magic = format::kJournalMagic,
                 .record_count = 1,
                 .sequence = store.journal_next.lsn.value(),
                 .session = store.journal_next.session,
                 .previous = store.journal_next.previous,
                 .records = records},
                kSalt, device_.bytes().subspan(offset, kBlock));
  }

  StoreCheckReport Check(const StoreCheckOptions& options) {
    return CheckStore(&device_, options, [](uint64_t, uint64_t) {}).value();
  }

  // Repairs; then all is well, and the store opens and serves all its keys rightly.
  std::set<std::string> RepairedKeys() {
    EXPECT_TRUE(Check({.repair = true}).repaired);
    const StoreCheckReport after = Check({.payloads = true});
    EXPECT_THAT(after.problems, IsEmpty());
    Open();
    std::set<std::string> keys;
    core_->ForEach([&](const EntryView& entry) { keys.insert(std::string(entry.key)); });
    EXPECT_EQ(keys.size(), after.entries);
    for (const std::string& key : keys) ExpectRight(key);
    core_->CheckInvariants();
    return keys;
  }

  void ExpectRight(const std::string& key) {
    std::vector<std::byte> payload(kPayloadBytes);
    core_->Get(key, payload, [&](const absl::StatusOr<uint64_t>& bytes) { EXPECT_TRUE(bytes.ok()) << bytes.status(); });
    while (!core_->idle()) ASSERT_TRUE(core_->Poll(absl::InfiniteDuration()).ok());
    EXPECT_EQ(payload, Payload(key)) << key;
  }

  static std::set<std::string> KeysBut(int count, const std::set<int>& missing) {
    std::set<std::string> keys;
    for (int i = 0; i < count; ++i) {
      if (!missing.contains(i)) keys.insert(Key(i));
    }
    return keys;
  }

  MemoryDevice device_;
  SystemClock clock_;
  StoreHeader header_;
  std::unique_ptr<RawBlockCore> core_;
  bool flushed_ = false;  // since the last write
  bool written_ = false;  // what could not be read
};

TEST_F(StoreCheckTest, ASoundStoreIsOkAndStaysAsItIs) {
  Open();
  PutDurably(10);
  Kill();
  const std::vector<std::byte> before(device_.bytes().begin(), device_.bytes().end());
  const StoreCheckReport report = Check({.payloads = true, .repair = true});
  EXPECT_TRUE(report.ok());
  EXPECT_FALSE(report.repaired);
  EXPECT_EQ(report.entries, 10u);
  EXPECT_EQ(report.payload_bytes, 10 * kPayloadBytes);
  EXPECT_EQ(report.payloads_verified, 10u);
  EXPECT_TRUE(std::ranges::equal(device_.bytes(), before));
}

TEST_F(StoreCheckTest, ASuperblockCopyIsRewritten) {
  Open();
  PutDurably(3);
  Kill();
  Damage(100);
  EXPECT_EQ(Check({}).recovery.superblock_copies_bad, 1u);
  EXPECT_FALSE(Check({}).ok());
  EXPECT_EQ(RepairedKeys(), KeysBut(3, {}));
}

TEST_F(StoreCheckTest, BothSuperblockCopiesAreTooMany) {
  Damage(100);
  Damage(format::kSuperblockStride + 100);
  EXPECT_TRUE(absl::IsDataLoss(CheckStore(&device_, {.repair = true}, [](uint64_t, uint64_t) {}).status()));
}

TEST_F(StoreCheckTest, ADamagedPayloadIsDropped) {
  Open();
  PutDurably(10);
  const uint64_t offset = header_.layout.ByteOffset(PlaceOf(Key(7)).front().start());
  Close();
  Damage(offset + 2000);
  EXPECT_TRUE(Check({}).ok());
  EXPECT_THAT(Check({.payloads = true}).keys_bad, ElementsAre(Key(7)));
  EXPECT_EQ(RepairedKeys(), KeysBut(10, {7}));
}

TEST_F(StoreCheckTest, AJournalGroupIsDroppedAndThoseAfterItAreKept) {
  Open();
  PutDurably(10);
  Kill();
  Damage(GroupOffset(kFirstLsn + 5) + 60);
  EXPECT_THAT(Check({}).problems, ElementsAre(HasSubstr("are damaged; acknowledged entries may be lost")));
  EXPECT_EQ(RepairedKeys(), KeysBut(10, {4}));
}

// Opened without a repair, it loses no more than that, and the damage is never met again.
TEST_F(StoreCheckTest, AStoreWithADamagedJournalGroupOpensAndIsWhole) {
  Open();
  PutDurably(10);
  Kill();
  Damage(GroupOffset(kFirstLsn + 5) + 60);
  for (int opened = 0; opened < 2; ++opened) {
    Open();
    EXPECT_EQ(core_->occupancy().entries, 9u);
    EXPECT_FALSE(core_->Exists(Key(4)).has_value());
    Put(100, Durability::kDurable);
    core_->Remove(Key(100), {.durability = Durability::kDurable}, [](const absl::Status&) {});
    while (!core_->idle()) ASSERT_TRUE(core_->Poll(absl::InfiniteDuration()).ok());
    Kill();
    EXPECT_THAT(Check({.payloads = true}).problems, IsEmpty());
  }
}

TEST_F(StoreCheckTest, ATornLastGroupIsCutAndNoProblem) {
  Open();
  PutDurably(10);
  Kill();
  Damage(GroupOffset(kFirstLsn + 10) + 60);
  const StoreCheckReport report = Check({.payloads = true});
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.recovery.journal_groups_cut, 1u);
  EXPECT_EQ(report.entries, 9u);
}

TEST_F(StoreCheckTest, ACheckpointChunkIsDroppedAndTheOthersAreKept) {
  constexpr int kEntries = 3000;  // more than one chunk
  Open();
  for (int i = 0; i < kEntries; ++i) Put(i);
  Close();
  const uint64_t sequence = Check({}).recovery.checkpoint_sequence;
  Damage(header_.layout.checkpoint_offset[CheckpointSlot(sequence)] + kBlock + 1000);
  // The checkpoint before it and the journal tell as much.
  EXPECT_THAT(Check({}).problems, IsEmpty());
  EXPECT_EQ(Check({}).entries, static_cast<uint64_t>(kEntries));
  DamageHeaders(CheckpointSlot(sequence - 1));
  EXPECT_THAT(Check({}).problems, ElementsAre(HasSubstr("1 of 2 chunks are damaged")));
  const std::set<std::string> kept = RepairedKeys();
  EXPECT_GT(kept.size(), 500u);
  for (int i = kEntries - 500; i < kEntries; ++i) EXPECT_TRUE(kept.contains(Key(i))) << i;
}

TEST_F(StoreCheckTest, WithoutTheNewestCheckpointHeaderTheOlderOneAndTheJournalHaveAll) {
  Open();
  PutDurably(10);
  Close();
  DamageHeaders(CheckpointSlot(2));
  EXPECT_THAT(Check({.payloads = true}).problems, IsEmpty());
  Open();
  EXPECT_EQ(core_->recovery().checkpoint_sequence, 1u);
  EXPECT_EQ(core_->occupancy().entries, 10u);
}

TEST_F(StoreCheckTest, WithoutAnyCheckpointTheJournalCounts) {
  Open();
  PutDurably(10);
  Kill();
  DamageHeaders(0);
  DamageHeaders(1);
  EXPECT_THAT(Check({}).problems, Contains(HasSubstr("no checkpoint is valid")));
  EXPECT_EQ(RepairedKeys(), KeysBut(10, {}));
}

// A sector of the metadata that cannot be read, wherever it is: the store opens, and a repair ends with one that is
// sound.
TEST_F(StoreCheckTest, AnUnreadableBlockOfTheMetadataCostsWhatItHeldAtMost) {
  Open();
  PutDurably(10);
  Close();
  Open();
  Put(10, Durability::kDurable);
  Kill();
  const std::vector<std::byte> before(device_.bytes().begin(), device_.bytes().end());
  std::set<uint64_t> places;
  for (uint64_t offset = 0; offset < header_.layout.data_offset; offset += kBlock) {
    const auto block = device_.bytes().subspan(offset, kBlock);
    if (std::ranges::any_of(block, [](std::byte byte) { return byte != std::byte{0}; })) places.insert(offset);
  }
  places.insert(header_.layout.checkpoint_offset[0] - kBlock);  // the end of the ring, never written
  for (const uint64_t place : places) {
    SCOPED_TRACE(place);
    core_.reset();
    std::ranges::copy(before, device_.bytes().begin());
    device_.set_fault([this, place](const IoRequest& request) {
      if (request.op != IoRequest::Op::kRead) flushed_ = request.op == IoRequest::Op::kFlush;
      uint64_t end = request.offset;
      for (const iovec& buffer : request.buffers) end += buffer.iov_len;
      if (request.offset > place || place >= end) return absl::OkStatus();
      if (request.op == IoRequest::Op::kWrite) written_ = true;
      return request.op == IoRequest::Op::kRead && !written_ ? absl::DataLossError("EIO") : absl::OkStatus();
    });
    written_ = false;
    Open();
    EXPECT_GE(core_->occupancy().entries, 10u);
    core_.reset();
    std::ranges::copy(before, device_.bytes().begin());
    written_ = false;
    Check({.repair = true});
    EXPECT_TRUE(flushed_) << "what is repaired is durable";
    EXPECT_THAT(Check({.payloads = true}).problems, IsEmpty());
    Open();
    EXPECT_GE(core_->occupancy().entries, 10u);
  }
}

TEST_F(StoreCheckTest, AnEntryInThePlaceOfAnotherIsDropped) {
  Open();
  PutDurably(5);
  const Placement place = PlaceOf(Key(3));
  Kill();
  Forge("thief", place);
  EXPECT_EQ(Check({}).recovery.entries_dropped, 1u);
  EXPECT_THAT(Check({}).keys_bad, ElementsAre("thief"));
  EXPECT_EQ(RepairedKeys(), KeysBut(5, {}));
}

// The thief is marked first, and what it robbed is dropped by recovery: repair
// takes that back, for its payload is there.
TEST_F(StoreCheckTest, AnEntryThatWasRobbedOfItsPlaceComesBack) {
  Open();
  PutDurably(5);
  Remove(0);
  const Placement place = PlaceOf(Key(3));
  Kill();
  Forge("thief", place);
  EXPECT_THAT(Check({}).keys_bad, ElementsAre(Key(3)));
  EXPECT_EQ(RepairedKeys(), KeysBut(5, {0}));
}

TEST_F(StoreCheckTest, ACrashInARepairLeavesTheStoreAsItWas) {
  Open();
  PutDurably(10);
  Kill();
  Damage(GroupOffset(kFirstLsn + 5) + 60);
  device_.set_fault([](const IoRequest& request) {
    return request.op == IoRequest::Op::kFlush ? absl::DataLossError("cut") : absl::OkStatus();
  });
  EXPECT_FALSE(CheckStore(&device_, {.repair = true}, [](uint64_t, uint64_t) {}).ok());
  device_.set_fault(nullptr);
  EXPECT_EQ(RepairedKeys(), KeysBut(10, {4}));
}

}  // namespace
}  // namespace slotwise
