// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/journal_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
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
    EncodeGroup({.magic = format::kJournalMagic,
                 .record_count = static_cast<uint32_t>(records.size()),
                 .sequence = lsn,
                 .owner = 0,
                 .records = bytes},
                store_.header().salt, Block(block));
  }

  absl::Status Read(JournalPoint start = {}) {
    index_ = std::make_unique<Index>(header_.salt);
    reader_ = std::make_unique<JournalReader>(store_.device(), header_, start, index_.get());
    return reader_->ReadAll();
  }
  std::string Keys() const { return LogStore::Keys(*index_); }

  LogStore store_;
  StoreHeader header_ = store_.header();
  Journal journal_{store_.layout(), store_.header().salt, JournalPoint(), 0, store_.device()};
  std::unique_ptr<Index> index_;
  std::unique_ptr<JournalReader> reader_;
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
  WriteFive();
  EXPECT_EQ(Read({.position = 3 * kBlock, .lsn = Lsn(4)}), absl::OkStatus());
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
    Journal journal(store.layout(), header_.salt, JournalPoint(), 0, store.device());
    for (const std::string& key : keys) {
      Record record = store.Put(records.size());
      record.key = key;
      records.push_back(record);
      journal.Append(record);
    }
    ASSERT_TRUE(journal.StartCommit());
    store.Finish();
    Index index(header_.salt);
    JournalReader reader(store.device(), header_, JournalPoint(), &index);
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
      {"middle: its record", [&] { Flip(2, 50); }, without_third, 1, "from LSN 3 to 3 are damaged"},
      {"middle: its magic", [&] { Flip(2, 0); }, without_third, 0, "from LSN 3 to 3 are damaged"},
      {"first: its record", [&] { Flip(0, 50); }, "key2 key3 key4 key5", 1, "from LSN 1 to 1 are damaged"},
      {"behind the end: a later group", [&] { Plant(9, 9, {store_.Put(9)}); }, "key1 key2 key3 key4 key5 key9", 0,
       "from LSN 6 to 8 are damaged"},
      {"behind the end: a later group, torn", [&] { Plant(9, 9, {store_.Put(9)}), Flip(9, 50); }, all, 0, ""},
      {"behind the end: an earlier group", [&] { Plant(9, 2, {store_.Put(9)}); }, all, 0, ""},
      {"last: bytes after its record", [&] { Plant(4, 5, {store_.Put(5)}, 1); }, without_last, 0, "LSN 5 holds a bad"},
      {"last: a payload beyond the data", [&] { Plant(4, 5, {store_.Put(header_.layout.data_blocks)}); }, without_last,
       0, "LSN 5 holds a bad record"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    std::ranges::fill(store_.ring(), std::byte{0});
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
  EXPECT_EQ(reader_->next(), (JournalPoint{.position = 4 * kBlock, .lsn = Lsn(5)}));
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

TEST_F(JournalReaderTest, RejectsMoreEntriesThanTwoOwnersOfEach) {
  WriteFive();
  header_.max_entries = 2;
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(Keys(), "key1 key2 key3 key4");
  EXPECT_THAT(reader_->damage(), ElementsAre(HasSubstr("LSN 5 holds a bad record")));
}

TEST_F(JournalReaderTest, SaysThatTheDeviceCannotBeRead) {
  WriteFive();
  store_.FailAll('r');
  EXPECT_TRUE(absl::IsDataLoss(Read()));
}

}  // namespace
}  // namespace slotwise
