// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/checkpoint.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/group.h"
#include "rawblock/disk/session.h"
#include "rawblock/testing/log_store.h"

namespace slotwise {
namespace {

constexpr uint64_t kBlock = LogStore::kBlock;

class CheckpointTest : public ::testing::Test {
 protected:
  void Insert(const std::string& key) { index_.Insert(key, Placement(Extent(BlockIndex(1), BlockCount(1))), 100, 0); }
  void WriteChunks(uint64_t sequence) {
    writer_.Start(sequence, {.position = 2 * kBlock, .lsn = Lsn(9)});
    store_.Finish();
  }
  void Write(uint64_t sequence) {
    WriteChunks(sequence);
    writer_.Seal();
    store_.Finish();
  }
  std::span<std::byte> Slot(size_t slot) {
    return store_.device()->bytes().subspan(store_.layout().checkpoint_offset[slot], store_.layout().checkpoint_bytes);
  }
  format::CheckpointHeader Header(size_t slot) {
    format::CheckpointHeader header;
    std::memcpy(&header, Slot(slot).data(), sizeof(header));
    return header;
  }
  std::optional<Group> Chunk(size_t slot, uint64_t offset) {
    return DecodeGroup(format::kCheckpointMagic, store_.header().salt, Slot(slot).subspan(kBlock + offset));
  }

  LogStore store_;
  Index index_{store_.header().salt};
  CheckpointWriter writer_{store_.header(), 0, &index_, store_.device()};
};

TEST_F(CheckpointTest, OfAnEmptyIndexIsAHeader) {
  Write(1);
  EXPECT_TRUE(writer_.idle());
  EXPECT_EQ(writer_.status(), absl::OkStatus());
  EXPECT_EQ(Header(1).magic, format::kCheckpointHeaderMagic);
  EXPECT_EQ(Header(1).chunk_count, 0u);
  EXPECT_EQ(Header(1).start_lsn, 9u);
  EXPECT_EQ(Header(1).journal_position, 2 * kBlock);
}

TEST_F(CheckpointTest, NothingOfTheHeaderIsWrittenBeforeSeal) {
  Insert("a");
  WriteChunks(1);
  EXPECT_TRUE(writer_.chunks_written());
  EXPECT_EQ(store_.operations(), "w");
  EXPECT_EQ(Header(1).magic, 0u);
  EXPECT_TRUE(Chunk(1, 0).has_value());
}

TEST_F(CheckpointTest, ChunksAreFlushedBeforeTheHeaderAndTheHeaderAfterwards) {
  Insert("a");
  Write(1);
  EXPECT_EQ(store_.operations(), "wfwfwf");  // a chunk, and two copies of the header
  EXPECT_EQ(writer_.flushes(), 3u);
  EXPECT_EQ(writer_.bytes_written(), 3 * kBlock);
}

TEST_F(CheckpointTest, BadPlacesOutliveIt) {
  const Placement bad(Extent(BlockIndex(7), BlockCount(2)));
  index_.AddBad(bad);
  Write(1);
  Insert("a");
  Write(2);
  EXPECT_EQ(Header(1).record_count, 1u);
  EXPECT_EQ(Header(0).record_count, 2u);
}

TEST_F(CheckpointTest, PassesOverAPlaceThatFails) {
  Insert("a");
  store_.FailAt('w', store_.layout().checkpoint_offset[1] + kBlock);
  Write(1);
  EXPECT_EQ(writer_.status(), absl::OkStatus());
  EXPECT_EQ(Header(1).record_count, 1u);
  EXPECT_EQ(Header(1).chunk_bytes, 2 * kBlock);
  EXPECT_TRUE(Chunk(1, kBlock).has_value());
}

TEST_F(CheckpointTest, OneCopyOfTheHeaderWillDo) {
  for (const uint64_t copy : {0, 1}) {
    store_.FailAt('w', store_.layout().checkpoint_offset[1] + CheckpointHeaderOffset(store_.layout(), copy));
    Write(1);
    EXPECT_TRUE(writer_.idle());
    EXPECT_EQ(writer_.status(), absl::OkStatus());
  }
}

TEST_F(CheckpointTest, WithoutAnyHeaderItHasFailed) {
  WriteChunks(1);
  store_.FailAll('w');
  writer_.Seal();
  store_.Finish();
  EXPECT_TRUE(writer_.idle());
  EXPECT_TRUE(absl::IsDataLoss(writer_.status()));
}

// --- Sessions -------------------------------------------------------------------------------

class CheckpointSessionTest : public CheckpointTest {
 protected:
  void PutSession(uint64_t copy, uint64_t number) {
    EncodeSession(store_.header(), {.epoch = 1, .number = number},
                  store_.device()->bytes().subspan(SessionOffset(copy), kBlock));
  }
  CheckpointWriter mine_{store_.header(), 7, &index_, store_.device()};
};

TEST_F(CheckpointSessionTest, IsWrittenWhileTheStoreIsOurs) {
  const struct {
    const char* what;
    uint64_t first;  // 0: not valid
    uint64_t second;
    bool ours;
  } cases[] = {{"both", 7, 7, true},        {"the first", 7, 0, true},
               {"the second", 0, 7, true},  {"neither is valid", 0, 0, true},
               {"another's", 8, 8, false},  {"half written", 8, 7, false},
               {"one damaged", 0, 8, false}};
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    std::ranges::fill(store_.device()->bytes().first(format::kSuperblockRegion), std::byte{0});
    if (one.first != 0) PutSession(0, one.first);
    if (one.second != 0) PutSession(1, one.second);
    const size_t before = store_.operations().size();
    mine_.Start(1, {.position = 2 * kBlock, .lsn = Lsn(9)});
    store_.Finish();
    EXPECT_EQ(mine_.chunks_written(), one.ours);
    if (!one.ours) {
      EXPECT_TRUE(absl::IsFailedPrecondition(mine_.status()));
      EXPECT_EQ(store_.operations().find('w', before), std::string::npos);
      continue;
    }
    mine_.Seal();
    store_.Finish();
    EXPECT_EQ(mine_.status(), absl::OkStatus());
    EXPECT_EQ(Header(1).session, 7u);
  }
}

TEST_F(CheckpointSessionTest, IsNotSealedOnceAnotherHasOpened) {
  PutSession(0, 7);
  mine_.Start(1, {.position = 2 * kBlock, .lsn = Lsn(9)});
  store_.Finish();
  PutSession(0, 8);
  mine_.Seal();
  store_.Finish();
  EXPECT_TRUE(absl::IsFailedPrecondition(mine_.status()));
  EXPECT_EQ(Header(1).magic, 0u);
}

TEST_F(CheckpointTest, SlotsTakeTurns) {
  Write(1);
  Write(2);
  EXPECT_EQ(Header(1).sequence, 1u);
  EXPECT_EQ(Header(0).sequence, 2u);
  Write(3);
  EXPECT_EQ(Header(1).sequence, 3u);
  EXPECT_EQ(Header(0).sequence, 2u);
}

TEST_F(CheckpointTest, LargeIndexesTakeSeveralChunks) {
  for (int i = 0; i < 400; ++i) Insert(std::string(900, 'k') + std::to_string(i));
  Write(1);
  ASSERT_EQ(Header(1).chunk_count, 2u);
  EXPECT_EQ(Header(1).record_count, 400u);
  const std::optional<Group> first = Chunk(1, 0);
  ASSERT_TRUE(first.has_value());
  const std::optional<Group> second = Chunk(1, GroupBytes(first->records.size(), kBlock));
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(first->sequence, 0u);
  EXPECT_EQ(second->sequence, 1u);
  EXPECT_EQ(first->record_count + second->record_count, 400u);
  EXPECT_EQ(second->owner, 1u);
}

TEST_F(CheckpointTest, UnpublishedEntriesAreLeftOut) {
  Insert("a");
  Insert("b");
  index_.Unpublish(0);
  Write(1);
  EXPECT_EQ(Header(1).record_count, 1u);
}

TEST_F(CheckpointTest, AFailureEndsItAndTheNextOneMayBegin) {
  for (const char operation : {'w', 'f'}) {
    SCOPED_TRACE(operation);
    Insert(std::string(1, operation));
    store_.FailAll(operation);
    WriteChunks(1);
    if (writer_.chunks_written()) writer_.Seal();
    store_.Finish();
    EXPECT_TRUE(writer_.idle());
    EXPECT_TRUE(absl::IsDataLoss(writer_.status()));
    EXPECT_EQ(Header(1).magic, 0u);
  }
  store_.FailAll(0);
  Write(1);
  EXPECT_EQ(writer_.status(), absl::OkStatus());
  EXPECT_EQ(Header(1).record_count, 2u);
}

}  // namespace
}  // namespace slotwise
