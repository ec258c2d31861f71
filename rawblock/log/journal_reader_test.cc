// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/journal_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/group.h"
#include "rawblock/disk/record.h"
#include "rawblock/testing/log_store.h"

namespace slotwise {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint64_t kBlock = LogStore::kBlock;
constexpr uint64_t kRingBlocks = 256;

class JournalReaderTest : public ::testing::Test {
 protected:
  // Writes a group that puts key<i> for each `i`.
  void Write(const std::vector<uint64_t>& puts) {
    for (const uint64_t i : puts) journal_.Append(store_.Put(i));
    ASSERT_TRUE(journal_.StartCommit());
    store_.Finish();
  }
  // Groups 1 to 5 of a block each: key1 to key5, LSN 1 to 5.
  void WriteFive() {
    for (uint64_t i = 1; i <= 5; ++i) Write({i});
  }
  std::span<std::byte> Block(uint64_t block) { return store_.ring().subspan(block * kBlock, kBlock); }
  void Flip(uint64_t block, size_t byte) { Block(block)[byte] ^= std::byte{1}; }
  // Puts a valid group of these records where no journal would have.
  void Plant(uint64_t block, uint64_t lsn, const std::vector<Record>& records, size_t bytes_too_many = 0) {
    std::vector<std::byte> bytes;
    for (const Record& record : records) AppendRecord(record, &bytes);
    bytes.resize(bytes.size() + bytes_too_many);
    const auto before = checksums_.find(lsn);
    Plant(block, {.magic = format::kJournalMagic,
                  .record_count = static_cast<uint32_t>(records.size()),
                  .sequence = lsn,
                  .previous = before == checksums_.end() ? 0 : before->second,
                  .records = bytes});
  }
  uint64_t Plant(uint64_t block, const Group& group) {
    const uint64_t checksum = EncodeGroup(group, store_.header().salt, Block(block));
    checksums_[group.sequence + group.record_count] = checksum;
    return checksum;
  }

  absl::Status Read(JournalPoint start = {}) {
    index_ = std::make_unique<Index>(header_.salt);
    reader_ = std::make_unique<JournalReader>(store_.device(), header_, session_, start, index_.get());
    return reader_->ReadAll();
  }
  std::string Keys() const { return LogStore::Keys(*index_); }

  LogStore store_;
  StoreHeader header_ = store_.header();
  Journal journal_{store_.layout(), store_.header().salt, 0, JournalPoint(), 0, store_.device()};
  Session session_;  // the last one
  std::unique_ptr<Index> index_;
  std::unique_ptr<JournalReader> reader_;
  std::map<uint64_t, uint64_t> checksums_;  // of planted groups, by the LSN behind them
};

TEST_F(JournalReaderTest, AnEmptyRingHoldsNothing) {
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(reader_->groups(), 0u);
  EXPECT_EQ(reader_->next(), JournalPoint());
}

TEST_F(JournalReaderTest, ReadsOneGroup) {
  Write({1, 2, 3});
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(Keys(), "key1 key2 key3");
  EXPECT_EQ(reader_->groups(), 1u);
  EXPECT_EQ(reader_->records(), 3u);
  EXPECT_EQ(reader_->next(), journal_.pending_start());
}

TEST_F(JournalReaderTest, ReadsManyGroupsInOrder) {
  WriteFive();
  journal_.Append(RemovalRecord(KeyHash(header_.salt, "key2"), store_.Put(2).placement));
  Write({6});
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(Keys(), "key1 key3 key4 key5 key6");
  EXPECT_EQ(reader_->next(), journal_.pending_start());
}

TEST_F(JournalReaderTest, StartsWhereItIsTold) {
  for (uint64_t i = 1; i <= 3; ++i) Write({i});
  const JournalPoint start = journal_.pending_start();
  for (uint64_t i = 4; i <= 5; ++i) Write({i});
  EXPECT_EQ(Read(start), absl::OkStatus());
  EXPECT_EQ(Keys(), "key4 key5");
  EXPECT_THAT(reader_->damage(), IsEmpty());
}

TEST_F(JournalReaderTest, ReadsAGroupOfTheLargestSize) {
  const size_t record_bytes = RecordBytes(store_.Put(100));
  const size_t count = (format::kGroupBytesMax - sizeof(format::GroupHeader)) / record_bytes;
  std::vector<uint64_t> puts(count + 1);
  for (size_t i = 0; i < puts.size(); ++i) puts[i] = 100 + i % 500;  // one more than fit
  Write(puts);
  Write({1});
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(reader_->groups(), 2u);
  EXPECT_EQ(reader_->records(), count + 2);
}

// A record's last byte is the last of its block: no padding.
TEST_F(JournalReaderTest, ReadsARecordAtTheEdgeOfABlock) {
  for (const int over : {-1, 0, 1}) {
    SCOPED_TRACE(over);
    const size_t rest = kBlock - sizeof(format::GroupHeader) - 3 * 1024 + static_cast<size_t>(over);
    std::vector<Record> records;
    std::vector<std::string> keys;
    for (const size_t bytes : {size_t{1024}, size_t{1024}, size_t{1024}, rest}) {
      keys.emplace_back(bytes - sizeof(format::RecordHeader) - sizeof(format::ExtentRecord),
                        static_cast<char>('a' + keys.size()));
    }
    LogStore store;
    Journal journal(store.layout(), header_.salt, 0, JournalPoint(), 0, store.device());
    for (const std::string& key : keys) {
      Record record = store.Put(records.size());
      record.key = key;
      records.push_back(record);
      journal.Append(record);
    }
    ASSERT_TRUE(journal.StartCommit());
    store.Finish();
    Index index(header_.salt);
    JournalReader reader(store.device(), header_, Session(), JournalPoint(), &index);
    EXPECT_EQ(reader.ReadAll(), absl::OkStatus());
    EXPECT_EQ(index.published(), 4u);
    EXPECT_EQ(reader.next().position, over > 0 ? 2 * kBlock : kBlock);
  }
}

TEST_F(JournalReaderTest, ReadsRoundTheEndOfTheRing) {
  for (uint64_t i = 0; i < kRingBlocks - 2; ++i) {
    journal_.MoveTail(journal_.pending_start().position);
    Write({1000});
  }
  const JournalPoint start = journal_.pending_start();
  journal_.MoveTail(start.position);
  WriteFive();  // two blocks before the end, and three after it
  EXPECT_EQ(Read(start), absl::OkStatus());
  EXPECT_EQ(Keys(), "key1 key2 key3 key4 key5");
  EXPECT_EQ(reader_->next(), journal_.pending_start());
  EXPECT_THAT(reader_->damage(), IsEmpty());
}

TEST_F(JournalReaderTest, AGroupThatDidNotFitIsInTheNextLap) {
  std::vector<uint64_t> large(300);  // of more than two blocks
  for (uint64_t i = 0; i < large.size(); ++i) large[i] = 100 + i;
  for (uint64_t i = 0; i < kRingBlocks - 2; ++i) {
    journal_.MoveTail(journal_.pending_start().position);
    Write({1000});
  }
  const JournalPoint start = journal_.pending_start();
  journal_.MoveTail(start.position);
  Write({1});
  Write(large);
  EXPECT_EQ(Read(start), absl::OkStatus());
  EXPECT_EQ(index_->published(), 1 + large.size());
  EXPECT_EQ(reader_->next(), journal_.pending_start());
}

TEST_F(JournalReaderTest, GroupsOfAnEarlierLapAreStale) {
  for (uint64_t i = 0; i < kRingBlocks + 3; ++i) {
    journal_.MoveTail(journal_.pending_start().position);
    Write({i % 400});
  }
  const JournalPoint start = journal_.pending_start();
  EXPECT_EQ(Read(start), absl::OkStatus());
  EXPECT_EQ(Keys(), "");
  EXPECT_EQ(reader_->next(), start);
  EXPECT_THAT(reader_->damage(), IsEmpty());
}

TEST_F(JournalReaderTest, ATornTailIsCutAndAGapIsDamage) {
  const char* const all = "key1 key2 key3 key4 key5";
  const char* const without_last = "key1 key2 key3 key4";
  const char* const without_third = "key1 key2 key4 key5";
  const struct {
    const char* what;
    std::function<void()> damage;
    const char* keys;
    uint64_t groups_cut;
    const char* report;
  } cases[] = {
      {"nothing", [] {}, all, 0, ""},
      {"padding, which nothing reads", [&] { Flip(4, 4000); }, all, 0, ""},
      {"last: its record", [&] { Flip(4, 50); }, without_last, 1, ""},
      {"last: its checksum", [&] { Flip(4, 32); }, without_last, 1, ""},
      {"last: its length", [&] { Flip(4, 7); }, without_last, 1, ""},
      {"last: its magic", [&] { Flip(4, 0); }, without_last, 0, ""},
      {"last: its LSN", [&] { Flip(4, 16); }, without_last, 0, ""},
      {"last: never written", [&] { std::ranges::fill(Block(4), std::byte{0}); }, without_last, 0, ""},
      {"last: no record in it", [&] { Plant(4, 5, {}); }, without_last, 1, ""},
      {"middle: its record", [&] { Flip(2, 50); }, without_third, 1, "from LSN 3 up to LSN 4,"},
      {"middle: its magic", [&] { Flip(2, 0); }, without_third, 0, "from LSN 3 up to LSN 4,"},
      {"first: its record", [&] { Flip(0, 50); }, "key2 key3 key4 key5", 1, "from LSN 1 up to LSN 2,"},
      {"behind the end: a later group", [&] { Plant(9, 9, {store_.Put(9)}); }, "key1 key2 key3 key4 key5 key9", 0,
       "from LSN 6 up to LSN 9,"},
      {"behind the end: a later group, torn", [&] { Plant(9, 9, {store_.Put(9)}), Flip(9, 50); }, all, 0, ""},
      {"behind the end: an earlier group", [&] { Plant(9, 2, {store_.Put(9)}); }, all, 0, ""},
      {"last: bytes after its record", [&] { Plant(4, 5, {store_.Put(5)}, 1); }, without_last, 0, "LSN 5 holds a bad"},
      {"last: a payload beyond the data", [&] { Plant(4, 5, {store_.Put(header_.layout.data_blocks)}); }, without_last,
       0, "LSN 5 holds a bad record"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    std::ranges::fill(store_.ring(), std::byte{0});
    checksums_.clear();
    for (uint64_t i = 1; i <= 5; ++i) Plant(i - 1, i, {store_.Put(i)});
    one.damage();
    EXPECT_EQ(Read(), absl::OkStatus());
    EXPECT_EQ(Keys(), one.keys);
    EXPECT_EQ(reader_->groups_cut(), one.groups_cut);
    EXPECT_THAT(absl::StrJoin(reader_->damage(), "\n"), HasSubstr(one.report));
    EXPECT_EQ(reader_->damage().empty(), one.report[0] == 0);
  }
}

TEST_F(JournalReaderTest, ATornGroupIsOverwritten) {
  WriteFive();
  Flip(4, 50);
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(reader_->next().position, 4 * kBlock);
  EXPECT_EQ(reader_->next().lsn, Lsn(5));
}

TEST_F(JournalReaderTest, AnotherStoresGroupsAreNotRead) {
  WriteFive();
  ++header_.salt;
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(Keys(), "");
  EXPECT_THAT(reader_->damage(), IsEmpty());
}

TEST_F(JournalReaderTest, RejectsWhatDoesNotSuitTheStore) {
  WriteFive();
  header_.max_key_bytes = 3;
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(Keys(), "");
  EXPECT_EQ(reader_->damage().size(), 5u);
}

TEST_F(JournalReaderTest, RejectsAPayloadLargerThanItsPlace) {
  Record put = store_.Put(1);
  put.payload_bytes = kBlock + 1;
  Plant(0, 1, {put});
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(Keys(), "");
  EXPECT_EQ(reader_->damage().size(), 1u);
}

TEST_F(JournalReaderTest, KnowsBadPlacesWithinTheStoreOnly) {
  const auto read_bad = [this](uint64_t block) {
    Plant(0, 1, {BadRecord(Placement(Extent(BlockIndex(block), BlockCount(1))))});
    EXPECT_EQ(Read(), absl::OkStatus());
    return index_->bad().size();
  };
  EXPECT_EQ(read_bad(header_.layout.data_blocks - 1), 1u);
  EXPECT_THAT(reader_->damage(), IsEmpty());
  EXPECT_EQ(read_bad(header_.layout.data_blocks), 0u);
  EXPECT_EQ(reader_->damage().size(), 1u);
}

TEST_F(JournalReaderTest, RejectsMoreEntriesThanTwoOwnersOfEach) {
  WriteFive();
  header_.max_entries = 2;
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(Keys(), "key1 key2 key3 key4");
  EXPECT_THAT(reader_->damage(), ElementsAre(HasSubstr("LSN 5 holds a bad record")));
}

TEST_F(JournalReaderTest, WhatCannotBeReadHoldsNothing) {
  WriteFive();
  store_.FailAll('r');
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(reader_->unreadable().size(), kRingBlocks);
  EXPECT_EQ(Keys(), "");
  EXPECT_THAT(reader_->damage(), IsEmpty());
}

TEST_F(JournalReaderTest, AnUnreadableBlockCostsWhatItHeld) {
  WriteFive();
  for (uint64_t block = 0; block < 8; ++block) {
    SCOPED_TRACE(block);
    store_.FailReadsAt(store_.layout().journal_offset + block * kBlock);
    EXPECT_EQ(Read(), absl::OkStatus());
    EXPECT_EQ(index_->published(), block < 5 ? 4u : 5u);
    EXPECT_EQ(reader_->unreadable().size(), 1u);
    EXPECT_EQ(reader_->damage().empty(), block >= 4);  // the last group might as well be torn
  }
}

// --- Sessions --------------------------------------------------------------------------

// Writes the groups of several sessions, which follow one another as the test says.
class JournalSessionTest : public JournalReaderTest {
 protected:
  // Behind `point`, which it recovered, a session's first group: its kOpen record and a put of key<i>.
  JournalPoint Open(uint64_t block, uint64_t session, const JournalPoint& point, uint64_t lsn, uint64_t i) {
    return Add(block, session, point.previous, lsn, {OpenRecord(point.lsn), store_.Put(i)});
  }
  JournalPoint Go(uint64_t block, const JournalPoint& point, uint64_t i) {
    return Add(block, point.session, point.previous, point.lsn.value(), {store_.Put(i)});
  }

 private:
  JournalPoint Add(uint64_t block, uint64_t session, uint64_t previous, uint64_t lsn,
                   const std::vector<Record>& records) {
    std::vector<std::byte> bytes;
    for (const Record& record : records) AppendRecord(record, &bytes);
    const uint64_t checksum = Plant(block, {.magic = format::kJournalMagic,
                                            .record_count = static_cast<uint32_t>(records.size()),
                                            .sequence = lsn,
                                            .session = session,
                                            .previous = previous,
                                            .records = bytes});
    return {
        .position = (block + 1) * kBlock, .lsn = Lsn(lsn + records.size()), .session = session, .previous = checksum};
  }
};

TEST_F(JournalSessionTest, ASessionFollowsWhereverItStarts) {
  const JournalPoint a = Go(1, Open(0, 7, {}, 1000, 1), 2);
  const JournalPoint b = Go(101, Open(100, 8, a, 2000, 3), 4);
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(Keys(), "key1 key2 key3 key4");
  EXPECT_EQ(reader_->next(), b);
  EXPECT_EQ(reader_->groups_late(), 0u);
  EXPECT_THAT(reader_->damage(), IsEmpty());
}

TEST_F(JournalSessionTest, AGroupThatTheNextSessionWasNotToldOfIsLate) {
  for (const uint64_t records_since : {0, 1, 20}) {
    SCOPED_TRACE(records_since);
    std::ranges::fill(store_.ring(), std::byte{0});
    const JournalPoint a = Go(1, Open(0, 7, {}, 1000, 1), 2);
    JournalPoint b = Open(100, 8, a, 2000, 3);
    for (uint64_t i = 0; i < records_since; ++i) b = Go(101 + i, b, 10 + i);
    Go(2, a, 99);  // lands only now
    EXPECT_EQ(Read(), absl::OkStatus());
    EXPECT_EQ(index_->published(), 3 + records_since);
    EXPECT_FALSE(index_->Find("key99").has_value());
    EXPECT_EQ(reader_->next(), b);
    EXPECT_EQ(reader_->groups_late(), 1u);
    EXPECT_THAT(reader_->damage(), IsEmpty());
  }
}

// Neither was told of the other's.
TEST_F(JournalSessionTest, GroupsOfTwoDeadSessionsAreLate) {
  const JournalPoint a = Open(0, 7, {}, 1000, 1);
  Go(1, a, 98);
  Open(60, 8, a, 2000, 99);
  const JournalPoint c = Go(131, Open(130, 9, a, 3000, 3), 4);
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(Keys(), "key1 key3 key4");
  EXPECT_EQ(reader_->next(), c);
  EXPECT_EQ(reader_->groups_late(), 2u);
  EXPECT_THAT(reader_->damage(), IsEmpty());
}

// Another host that opened the store later goes on; the first one still writes.
TEST_F(JournalSessionTest, GroupsBehindALaterSessionsBackAreLate) {
  const JournalPoint a = Open(0, 7, {}, 1000, 1);
  const JournalPoint b = Go(101, Open(100, 8, a, 2000, 3), 4);
  Go(3, Go(2, Go(1, a, 97), 98), 99);
  session_ = {.epoch = 2, .number = 8, .recovered_end = a.lsn, .first_lsn = Lsn(2000), .first_position = 100 * kBlock};
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(Keys(), "key1 key3 key4");
  EXPECT_EQ(reader_->next(), b);
  EXPECT_EQ(reader_->groups_late(), 3u);
  EXPECT_THAT(reader_->damage(), IsEmpty());
}

TEST_F(JournalSessionTest, TheLastGroupOfTheLastSessionCounts) {
  const JournalPoint a = Open(0, 7, {}, 1000, 1);
  const JournalPoint b = Open(100, 8, a, 2000, 3);
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(Keys(), "key1 key3");
  EXPECT_EQ(reader_->next(), b);
}

TEST_F(JournalSessionTest, AGroupOfAnotherSessionWithTheSameNumbersDoesNotFollow) {
  const JournalPoint a = Open(0, 7, {}, 1000, 1);
  JournalPoint forged = a;
  forged.session = 6;
  Go(1, forged, 99);
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_FALSE(reader_->damage().empty());
}

TEST_F(JournalSessionTest, AGroupThatFollowsAnotherWithTheSameNumbersDoesNotFollow) {
  JournalPoint forged = Open(0, 7, {}, 1000, 1);
  ++forged.previous;
  Go(1, forged, 99);
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_FALSE(reader_->damage().empty());
}

TEST_F(JournalSessionTest, BehindAGapTheNumbersTellTheOrderAndTheFurthestPlaceWhereToGoOn) {
  const JournalPoint a = Open(0, 7, {}, 1000, 1);
  const JournalPoint b = Go(1, a, 2);
  const JournalPoint c = Go(9, b, 3);
  const JournalPoint d = Go(5, c, 4);
  Flip(1, 70);
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(Keys(), "key1 key3 key4");
  EXPECT_EQ(reader_->groups_late(), 0u);
  EXPECT_EQ(reader_->next().lsn, d.lsn);
  EXPECT_EQ(reader_->next().position, c.position);
}

TEST_F(JournalSessionTest, AGroupWrittenTwiceCountsOnce) {
  const JournalPoint a = Open(0, 7, {}, 1000, 1);
  Go(1, a, 2);
  const JournalPoint b = Go(5, a, 2);  // the place before had failed, and was written all the same
  const JournalPoint c = Go(6, b, 3);
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(Keys(), "key1 key2 key3");
  EXPECT_EQ(reader_->groups(), 3u);
  EXPECT_EQ(reader_->groups_late(), 0u);
  EXPECT_EQ(reader_->next(), c);
}

TEST_F(JournalSessionTest, DamageBeforeASessionDoesNotBringItsLateGroupsBack) {
  const JournalPoint a = Go(1, Open(0, 7, {}, 1000, 1), 2);
  const JournalPoint b = Go(101, Open(100, 8, a, 2000, 3), 4);
  Go(2, a, 99);
  Flip(1, 70);
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(Keys(), "key1 key3 key4");
  EXPECT_EQ(reader_->next(), b);
  EXPECT_FALSE(reader_->damage().empty());
}

// Formatting leaves what another store wrote into the ring, seeded with its own salt.
TEST_F(JournalReaderTest, GroupsOfAStoreThatWasHereBeforeAreNoDamage) {
  const std::vector<std::byte> records(100);
  for (uint64_t block = 0; block < kRingBlocks; ++block) {
    EncodeGroup({.magic = format::kJournalMagic, .record_count = 1, .sequence = 1 + block, .records = records}, 1,
                Block(block));
  }
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_THAT(reader_->damage(), ElementsAre());
  EXPECT_EQ(reader_->groups(), 0u);
}

// What a hostile image costs is bounded by its size.
TEST_F(JournalReaderTest, GroupsThatAreDamagedAreNotHashedWithoutEnd) {
  std::vector<std::byte> records(format::kGroupBytesMax - sizeof(format::GroupHeader));
  std::vector<std::byte> group(format::kGroupBytesMax);
  for (uint64_t block = 0; block < kRingBlocks; ++block) {
    EncodeGroup({.magic = format::kJournalMagic, .record_count = 1, .sequence = 1 + block, .records = records}, 1,
                group);
    std::ranges::copy(std::span(group).first(sizeof(format::GroupHeader)), Block(block).begin());
  }
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_THAT(reader_->damage(), ElementsAre(HasSubstr("too many groups are damaged")));
}

}  // namespace
}  // namespace slotwise
