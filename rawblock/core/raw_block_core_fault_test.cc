// SPDX-License-Identifier: Apache-2.0
// What a core does when the metadata cannot be written, and that the metadata
// region always suffices.
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "iouring/system/errno_status.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/disk/session.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/log/recovery.h"
#include "rawblock/make/format_store.h"
#include "rawblock/testing/memory_device.h"
#include "rawblock/testing/temporary_store.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kBlock = 4096;

class RawBlockCoreFaultTest : public ::testing::Test {
 protected:
  void Format(uint64_t device_bytes, uint64_t max_entries, uint32_t max_key_bytes) {
    device_ = std::make_unique<MemoryDevice>(device_bytes);
    FormatOptions options;
    options.max_entries = max_entries;
    options.max_key_bytes = max_key_bytes;
    options.allocator.engine = AllocatorOptions::Engine::kExtent;
    ASSERT_TRUE(FormatStore(device_.get(), options).ok());
    layout_ = ReadStoreHeader(device_.get(), nullptr)->layout;
    Open();
  }

  void Open() {
    core_.reset();
    core_ = RawBlockCore::Open(device_.get(), &clock_, {}).value();
  }

  void Finish() {
    while (!core_->idle()) ASSERT_TRUE(core_->Poll(absl::InfiniteDuration()).ok());
  }

  absl::Status Put(const std::string& key, Durability durability = Durability::kDurable) {
    absl::Status status = absl::UnknownError("not done");
    core_->Put(key, payload_, {.durability = durability, .replace = true},
               [&](const absl::StatusOr<PutOutcome>& outcome) { status = outcome.status(); });
    Finish();
    return status;
  }

  absl::Status Get(const std::string& key) {
    absl::Status status = absl::UnknownError("not done");
    std::vector<std::byte> destination(payload_.size());
    core_->Get(key, destination, [&](const absl::StatusOr<uint64_t>& bytes) { status = bytes.status(); });
    Finish();
    if (status.ok()) {
      EXPECT_EQ(destination, payload_);
    }
    return status;
  }

  absl::Status Checkpoint() {
    absl::Status status = absl::UnknownError("not done");
    core_->Checkpoint([&](const absl::Status& done) { status = done; });
    Finish();
    return status;
  }

  // Writes in [from, from + bytes) fail.
  void FailWrites(uint64_t from, uint64_t bytes) {
    device_->set_fault([from, bytes](const IoRequest& request) {
      const bool hit = request.op == IoRequest::Op::kWrite && request.offset >= from && request.offset < from + bytes;
      return hit ? absl::DataLossError("EIO") : absl::OkStatus();
    });
  }

  void FailFlushes() {
    device_->set_fault([](const IoRequest& request) {
      return request.op == IoRequest::Op::kFlush ? absl::DataLossError("EIO") : absl::OkStatus();
    });
  }

  void FailReads(const absl::Status& error) {
    device_->set_fault(
        [error](const IoRequest& request) { return request.op == IoRequest::Op::kRead ? error : absl::OkStatus(); });
  }

  // Nothing is written any more, and what was there is served, now and after a
  // new start.
  void ExpectReadOnly() {
    device_->set_fault(nullptr);
    EXPECT_TRUE(absl::IsFailedPrecondition(core_->writable()));
    EXPECT_THAT(std::string(core_->writable().message()), HasSubstr("read-only: EIO"));
    EXPECT_EQ(Put("later"), core_->writable());
    EXPECT_EQ(Checkpoint(), core_->writable());
    EXPECT_TRUE(Get("before").ok());
    EXPECT_EQ(core_->Close(), core_->writable());
    Open();
    EXPECT_TRUE(Get("before").ok());
    EXPECT_TRUE(Put("later").ok());
  }

  const std::vector<std::byte> payload_ = std::vector<std::byte>(1000, std::byte{7});
  SystemClock clock_;
  std::unique_ptr<MemoryDevice> device_;
  Layout layout_;
  std::unique_ptr<RawBlockCore> core_;
};

TEST_F(RawBlockCoreFaultTest, AJournalWriteThatFailsMakesItReadOnly) {
  Format(16 << 20, 100, 100);
  ASSERT_TRUE(Put("before").ok());
  FailWrites(layout_.journal_offset, layout_.journal_bytes);
  EXPECT_TRUE(absl::IsFailedPrecondition(Put("lost")));
  ExpectReadOnly();
}

TEST_F(RawBlockCoreFaultTest, AFlushThatFailsMakesItReadOnly) {
  Format(16 << 20, 100, 100);
  ASSERT_TRUE(Put("before").ok());
  FailFlushes();
  EXPECT_TRUE(absl::IsFailedPrecondition(Put("lost")));
  ExpectReadOnly();
}

TEST_F(RawBlockCoreFaultTest, ACheckpointWriteThatFailsMakesItReadOnly) {
  Format(16 << 20, 100, 100);
  ASSERT_TRUE(Put("before").ok());
  FailWrites(layout_.checkpoint_offset[0], 2 * layout_.checkpoint_bytes);
  EXPECT_TRUE(absl::IsFailedPrecondition(Checkpoint()));
  ExpectReadOnly();
}

// One block of the data region that fails writes: the put goes elsewhere, the block is out of use, now and after a
// restart.
TEST_F(RawBlockCoreFaultTest, ABlockThatFailsWritesCostsItsPlaceAndNoPut) {
  for (const AllocatorOptions::Engine engine : kAllocatorEngines) {
    SCOPED_TRACE(EngineName(engine));
    FormatOptions options;
    options.max_entries = 2000;
    options.max_key_bytes = 100;
    options.force = true;
    core_.reset();
    device_ = std::make_unique<MemoryDevice>(64 << 20);
    const Layout planned = PlanLayout(options, device_->size(), device_->alignment()).value();
    options.allocator = EngineOptions(engine, planned, 64 << 10);
    ASSERT_EQ(FormatStore(device_.get(), options), absl::OkStatus());
    layout_ = planned;
    Open();
    std::optional<uint64_t> bad;  // where the first payload goes
    device_->set_fault([&](const IoRequest& request) {
      if (request.op != IoRequest::Op::kWrite || request.offset < layout_.data_offset) return absl::OkStatus();
      if (!bad.has_value()) bad = request.offset;
      uint64_t end = request.offset;
      for (const iovec& buffer : request.buffers) end += buffer.iov_len;
      return request.offset <= *bad && *bad < end ? absl::DataLossError("EIO") : absl::OkStatus();
    });
    for (int i = 0; i < 50; ++i) EXPECT_EQ(Put(absl::StrCat(i)), absl::OkStatus());
    EXPECT_EQ(core_->statistics().write_errors, 1u);
    const uint64_t bad_blocks = core_->occupancy().bad_blocks;
    EXPECT_GT(bad_blocks, 0u);
    core_->CheckInvariants();
    for (const bool checkpointed : {false, true}) {
      EXPECT_TRUE(!checkpointed || core_->Close().ok());
      Open();
      EXPECT_EQ(core_->occupancy().bad_blocks, bad_blocks);
      EXPECT_EQ(core_->recovery().placements_bad, 1u);
      EXPECT_EQ(Put(checkpointed ? "later" : "sooner"), absl::OkStatus());
      EXPECT_EQ(core_->statistics().write_errors, 0u);
      core_->CheckInvariants();
    }
    EXPECT_EQ(Get("49"), absl::OkStatus());
  }
}

TEST_F(RawBlockCoreFaultTest, APayloadWriteThatFailsFailsItsPutAlone) {
  Format(16 << 20, 100, 100);
  ASSERT_TRUE(Put("before").ok());
  FailWrites(layout_.data_offset, layout_.data_blocks * kBlock);
  // However many fail, most of the space stays in use: then it is the device, not its blocks.
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(absl::IsDataLoss(Put("lost")));
  const Occupancy occupancy = core_->occupancy();
  EXPECT_LE(occupancy.bad_blocks, occupancy.capacity_blocks / Entries::kBadPartMax);
  device_->set_fault(nullptr);
  EXPECT_TRUE(core_->writable().ok());
  EXPECT_TRUE(absl::IsNotFound(Get("lost")));
  EXPECT_TRUE(Put("lost").ok());
  core_->CheckInvariants();
}

// The store cannot be written when it is opened: what is there is served.
TEST_F(RawBlockCoreFaultTest, AStoreThatCannotBeWrittenOpensReadOnly) {
  Format(16 << 20, 100, 100);
  ASSERT_TRUE(Put("before").ok());
  for (const absl::Status& failure : {absl::ResourceExhaustedError("ENOSPC"), absl::DataLossError("EIO")}) {
    for (const auto op : {IoRequest::Op::kWrite, IoRequest::Op::kFlush}) {
      core_.reset();
      device_->set_fault([&](const IoRequest& request) { return request.op == op ? failure : absl::OkStatus(); });
      Open();
      EXPECT_TRUE(absl::IsFailedPrecondition(core_->writable()));
      EXPECT_TRUE(Get("before").ok());
      EXPECT_EQ(Put("later"), core_->writable());
    }
  }
  device_->set_fault(nullptr);
  Open();
  EXPECT_TRUE(core_->writable().ok());
  EXPECT_TRUE(Put("later").ok());
}

// What passes costs time and nothing else, whatever it strikes.
TEST_F(RawBlockCoreFaultTest, WhatFailsForAMomentCostsNoEntryAndFreezesNothing) {
  Format(16 << 20, 100, 100);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Put(absl::StrCat(i)).ok());
  int requests = 0;
  device_->set_fault(
      [&](const IoRequest&) { return ++requests % 3 == 0 ? ErrnoStatus(ENOMEM, "test") : absl::OkStatus(); });
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Get(absl::StrCat(i)), absl::OkStatus());
  EXPECT_EQ(Put("more"), absl::OkStatus());
  EXPECT_EQ(Checkpoint(), absl::OkStatus());
  EXPECT_TRUE(core_->writable().ok());
  EXPECT_EQ(core_->occupancy().entries, 21u);
}

TEST_F(RawBlockCoreFaultTest, AJournalGroupIsWrittenElsewhereIfItsPlaceFails) {
  Format(16 << 20, 100, 100);
  ASSERT_TRUE(Put("before").ok());
  std::optional<uint64_t> bad;
  device_->set_fault([&](const IoRequest& request) {
    if (request.op != IoRequest::Op::kWrite || request.offset >= layout_.checkpoint_offset[0]) return absl::OkStatus();
    if (!bad.has_value()) bad = request.offset;
    return request.offset == *bad ? absl::DataLossError("EIO") : absl::OkStatus();
  });
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Put(absl::StrCat(i)), absl::OkStatus());
  EXPECT_TRUE(core_->writable().ok());
  Open();
  EXPECT_EQ(core_->occupancy().entries, 11u);
  EXPECT_TRUE(core_->writable().ok());
}

TEST_F(RawBlockCoreFaultTest, AReadThatFailsForNowCostsNoEntry) {
  Format(16 << 20, 100, 100);
  ASSERT_TRUE(Put("key").ok());
  for (const absl::Status& error : {absl::ResourceExhaustedError("ENOMEM"), absl::UnavailableError("EAGAIN"),
                                    absl::CancelledError("ECANCELED"), absl::InternalError("EINVAL")}) {
    FailReads(error);
    const absl::Status answer = Get("key");
    EXPECT_TRUE(absl::IsUnavailable(answer)) << answer;
    EXPECT_THAT(std::string(answer.message()), HasSubstr("entry kept"));
    EXPECT_THAT(std::string(answer.message()), HasSubstr(std::string(error.message())));
  }
  device_->set_fault(nullptr);
  EXPECT_EQ(core_->statistics().read_errors, 4u);
  EXPECT_TRUE(Get("key").ok());
  core_->CheckInvariants();
}

TEST_F(RawBlockCoreFaultTest, AMediumThatCannotBeReadCostsTheEntryAPinnedOneToo) {
  Format(16 << 20, 100, 100);
  ASSERT_TRUE(Put("key").ok());
  ASSERT_TRUE(Put("pinned").ok());
  const std::optional<Pin> pin = core_->PinKey("pinned");
  const uint64_t free_blocks = core_->occupancy().free_blocks;
  FailReads(absl::DataLossError("EIO"));
  EXPECT_TRUE(absl::IsDataLoss(Get("key")));
  EXPECT_TRUE(absl::IsDataLoss(Get("pinned")));
  device_->set_fault(nullptr);
  EXPECT_TRUE(absl::IsNotFound(Get("key")));
  EXPECT_TRUE(absl::IsNotFound(Get("pinned")));
  Finish();
  EXPECT_EQ(core_->occupancy().free_blocks, free_blocks + 1) << "the blocks of the pinned one stay";
  core_->Unpin(pin.value());
  EXPECT_EQ(core_->occupancy().free_blocks, free_blocks + 2);
  core_->CheckInvariants();
}

// As many entries as the store takes, those included that await their removal,
// each with the longest key, put again and again without a pause: every
// checkpoint fits, and the journal never stops.
TEST_F(RawBlockCoreFaultTest, TheMetadataSufficesForTheMostEntriesWithTheLongestKeys) {
  constexpr uint64_t kEntries = 1500;
  constexpr uint64_t kPuts = 14000;
  Format(64 << 20, kEntries + 1000, format::kKeyBytesMax);
  std::vector<std::string> keys(kEntries);
  for (uint64_t i = 0; i < kEntries; ++i) {
    const std::string number = absl::StrCat(i);
    keys[i] = std::string(format::kKeyBytesMax - number.size(), 'k') + number;
  }
  uint64_t done = 0;
  for (uint64_t i = 0; i < kPuts; ++i) {
    core_->Put(keys[i % kEntries], payload_, {.replace = true}, [&](const absl::StatusOr<PutOutcome>& outcome) {
      EXPECT_TRUE(outcome.ok()) << outcome.status();
      ++done;
    });
    while (i - done > 64) ASSERT_TRUE(core_->Poll(absl::InfiniteDuration()).ok());
  }
  Finish();
  const Statistics statistics = core_->statistics();
  EXPECT_EQ(done, kPuts);
  EXPECT_EQ(statistics.evictions, 0u);
  EXPECT_GT(statistics.journal_bytes_written, 2 * layout_.journal_bytes);
  EXPECT_GT(statistics.checkpoints, 2u);
  Open();
  EXPECT_EQ(core_->occupancy().entries, kEntries);
  core_->CheckInvariants();
}

TEST_F(RawBlockCoreFaultTest, RefusesOptionsThatMakeNoSense) {
  Format(16 << 20, 100, 100);
  core_.reset();
  const auto refusal = [this](const CoreOptions& options) {
    return std::string(RawBlockCore::Open(device_.get(), &clock_, options).status().message());
  };
  EXPECT_THAT(refusal({.watermarks = {.low = 2, .high = 3}}), HasSubstr("the watermarks are 2 and 3"));
  EXPECT_THAT(refusal({.watermarks = {.low = 0, .high = std::nan("")}}), HasSubstr("the watermarks are 0 and nan"));
  EXPECT_THAT(refusal({.commit_interval = absl::Milliseconds(-1)}), HasSubstr("the commit interval is -1ms"));
  EXPECT_THAT(refusal({.operations_in_flight_max = -1}), HasSubstr("at most -1 operations"));
  Open();
}

// Of every kind: of what was recovered, a superblock that is healed, the session, journal groups, a checkpoint.
TEST_F(RawBlockCoreFaultTest, CountsTheFlushesThatItSends) {
  Format(64 << 20, 1000, 100);
  core_.reset();
  device_->bytes()[format::kSuperblockStride] ^= std::byte{1};
  uint64_t flushes = 0;
  device_->set_fault([&flushes](const IoRequest& request) {
    flushes += request.op == IoRequest::Op::kFlush ? 1 : 0;
    return absl::OkStatus();
  });
  Open();
  EXPECT_TRUE(Put("key").ok());
  EXPECT_TRUE(Checkpoint().ok());
  EXPECT_GE(flushes, 1u + 1u + 2u + 1u + 2u + 3u);
  EXPECT_EQ(core_->statistics().flushes, flushes);
}

TEST_F(RawBlockCoreFaultTest, EverySessionCountsAndHasANumberOfItsOwn) {
  Format(64 << 20, 1000, 100);
  std::set<uint64_t> numbers;
  for (uint64_t epoch = 1; epoch <= 4; ++epoch) {
    if (epoch > 1) Open();
    const Session session = Recover(device_.get())->session;
    EXPECT_EQ(session.epoch, epoch);
    numbers.insert(session.number);
  }
  EXPECT_EQ(numbers.size(), 4u);
  EXPECT_FALSE(numbers.contains(0));
}

// In whichever field: the other copy says what the store is, so it is no other program's, nor of a newer one.
TEST_F(RawBlockCoreFaultTest, ARottenByteInOneSuperblockCopyIsHealed) {
  Format(64 << 20, 1000, 100);
  ASSERT_TRUE(Put("key").ok());
  for (const uint64_t copy : {0, 1}) {
    for (const uint64_t byte : {0, 8, 12, 16, 64, 128, 4088}) {
      core_.reset();
      device_->bytes()[copy * format::kSuperblockStride + byte] ^= std::byte{2};
      Open();
      EXPECT_EQ(core_->recovery().superblock_copies_bad, 1u) << "byte " << byte << " of copy " << copy;
      EXPECT_TRUE(Get("key").ok());
    }
  }
  Open();
  EXPECT_EQ(core_->recovery().superblock_copies_bad, 0u);
}

// Records that are lost in time are bounded by the clock, not by how busy the
// store is.
TEST_F(RawBlockCoreFaultTest, ManyBatchedPutsAreDurableWithinTheInterval) {
  class ManualClock : public Clock {
   public:
    absl::Time Now() override { return now; }
    void Sleep(absl::Duration pause) override { now += pause; }
    absl::Time now = absl::UnixEpoch();
  } clock;
  Format(64 << 20, 10000, 100);
  core_.reset();
  core_ = RawBlockCore::Open(device_.get(), &clock, {}).value();
  std::vector<std::string> keys;
  for (int i = 0; i < 5000; ++i) keys.push_back(absl::StrCat(std::string(90, 'k'), i));
  for (const std::string& key : keys) {
    core_->Put(key, payload_, {}, [](const absl::StatusOr<PutOutcome>&) {});
  }
  while (core_->statistics().stored < 5000) ASSERT_TRUE(core_->Poll(absl::ZeroDuration()).ok());
  clock.now += absl::Milliseconds(50);
  // A handful of groups, and a get under way all the time, so that nothing is idle.
  std::vector<std::byte> destination(payload_.size());
  for (size_t i = 0; i < 20; ++i) {
    core_->Get(keys[i], destination, [](const absl::StatusOr<uint64_t>&) {});
    ASSERT_TRUE(core_->Poll(absl::ZeroDuration()).ok());
  }
  Open();
  EXPECT_EQ(core_->occupancy().entries, 5000u);
}

}  // namespace
}  // namespace slotwise
