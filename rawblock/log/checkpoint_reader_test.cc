// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/checkpoint_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/format.h"
#include "rawblock/log/checkpoint.h"
#include "rawblock/testing/log_store.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kBlock = LogStore::kBlock;

class CheckpointReaderTest : public ::testing::Test {
 protected:
  // Writes a checkpoint of `entries` entries with long keys, about 250 of which fill a chunk.
  void Write(uint64_t sequence, int entries) {
    Index index(store_.header().salt);
    for (int i = 0; i < entries; ++i) {
      index.Insert(absl::StrCat(std::string(997, 'k'), 100 + i), Placement(Extent(BlockIndex(1), BlockCount(1))), 100,
                   0);
    }
    CheckpointWriter writer(store_.header(), 0, &index, store_.device());
    writer.Start(sequence, {.position = 0, .lsn = Lsn(sequence)});
    store_.Finish();
    writer.Seal();
    store_.Finish();
  }
  absl::StatusOr<format::CheckpointHeader> Newest() {
    const auto headers = ReadCheckpointHeaders(store_.device(), store_.header());
    if (!headers.ok()) return headers.status();
    if (headers->empty()) return absl::NotFoundError("none");
    return headers->front();
  }
  std::span<std::byte> Slot(uint64_t sequence) {
    return store_.device()->bytes().subspan(store_.layout().checkpoint_offset[CheckpointSlot(sequence)]);
  }
  std::span<std::byte> HeaderCopy(uint64_t sequence, uint64_t copy) {
    return Slot(sequence).subspan(CheckpointHeaderOffset(store_.layout(), copy), sizeof(format::CheckpointHeader));
  }
  // Changes both copies of the header of a checkpoint; their checksum is right.
  void Change(uint64_t sequence, const std::function<void(format::CheckpointHeader*)>& change) {
    format::CheckpointHeader header;
    std::memcpy(&header, Slot(sequence).data(), sizeof(header));
    change(&header);
    header.checksum = MetadataChecksum(
        store_.header().salt, std::as_bytes(std::span(&header, 1)).first(offsetof(format::CheckpointHeader, checksum)));
    for (const uint64_t copy : {0, 1}) std::memcpy(HeaderCopy(sequence, copy).data(), &header, sizeof(header));
  }
  // What is damaged in the newest checkpoint, read into index_.
  std::string Read() {
    const format::CheckpointHeader header = Newest().value();
    CheckpointReader reader(store_.device(), store_.header(), header, &index_);
    EXPECT_EQ(reader.ReadAll(), absl::OkStatus());
    return reader.Damage();
  }

  LogStore store_;
  Index index_{store_.header().salt};
};

TEST_F(CheckpointReaderTest, ThereMayBeNone) { EXPECT_TRUE(absl::IsNotFound(Newest().status())); }

TEST_F(CheckpointReaderTest, AnEmptyOneIsWhole) {
  Write(1, 0);
  EXPECT_EQ(Read(), "");
  EXPECT_EQ(index_.published(), 0u);
}

TEST_F(CheckpointReaderTest, ReadsEveryChunk) {
  Write(1, 400);
  EXPECT_EQ(Newest()->chunk_count, 2u);
  EXPECT_EQ(Read(), "");
  EXPECT_EQ(index_.published(), 400u);
}

TEST_F(CheckpointReaderTest, TheHigherSequenceIsTheNewest) {
  Write(1, 1);
  Write(2, 1);
  EXPECT_EQ(Newest()->sequence, 2u);
  Write(3, 1);
  EXPECT_EQ(Newest()->sequence, 3u);
}

TEST_F(CheckpointReaderTest, AnInvalidHeaderLeavesTheOtherSlot) {
  const struct {
    const char* what;
    std::function<void(format::CheckpointHeader*)> change;
  } cases[] = {
      {"magic", [](format::CheckpointHeader* header) { ++header->magic; }},
      {"the other slot's sequence", [](format::CheckpointHeader* header) { ++header->sequence; }},
      {"a sequence beyond all", [](format::CheckpointHeader* header) { header->sequence = (uint64_t{1} << 62) + 2; }},
      {"no first LSN", [](format::CheckpointHeader* header) { header->start_lsn = 0; }},
      {"a position within a block", [](format::CheckpointHeader* header) { ++header->journal_position; }},
      {"a length within a block", [](format::CheckpointHeader* header) { ++header->chunk_bytes; }},
      {"chunks beyond the slot", [](format::CheckpointHeader* header) { header->chunk_bytes = uint64_t{1} << 30; }},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    Write(1, 1);
    Write(2, 1);
    Change(2, [](format::CheckpointHeader*) {});
    ASSERT_EQ(Newest()->sequence, 2u);
    Change(2, one.change);
    EXPECT_EQ(Newest()->sequence, 1u);
  }
}

TEST_F(CheckpointReaderTest, EitherCopyOfAHeaderWillDo) {
  for (const uint64_t copy : {0, 1}) {
    Write(1, 1);
    Write(2, 1);
    HeaderCopy(2, copy)[56] ^= std::byte{1};
    EXPECT_EQ(Newest()->sequence, 2u);
    EXPECT_EQ(Read(), "");
  }
}

TEST_F(CheckpointReaderTest, TornHeadersLeaveTheOtherSlot) {
  Write(1, 1);
  Write(2, 1);
  for (const uint64_t copy : {0, 1}) HeaderCopy(2, copy)[56] ^= std::byte{1};
  EXPECT_EQ(Newest()->sequence, 1u);
}

TEST_F(CheckpointReaderTest, UnreadableHeadersCountAsInvalid) {
  Write(1, 1);
  store_.FailAll('r');
  EXPECT_TRUE(absl::IsNotFound(Newest().status()));
}

TEST_F(CheckpointReaderTest, TheChunksOfAnotherSessionAreNotRead) {
  Write(1, 400);
  Change(1, [](format::CheckpointHeader* header) { ++header->session; });
  EXPECT_THAT(Read(), HasSubstr("checkpoint 1: 2 of 2 chunks are damaged"));
}

TEST_F(CheckpointReaderTest, GoesPastADamagedChunk) {
  Write(1, 400);
  Slot(1)[kBlock + 100] ^= std::byte{1};
  EXPECT_THAT(Read(), HasSubstr("checkpoint 1: 1 of 2 chunks are damaged"));
  EXPECT_GT(index_.published(), 0u);
  EXPECT_LT(index_.published(), 400u);
}

// What an earlier checkpoint left behind the damage is not taken for this one's.
TEST_F(CheckpointReaderTest, ChunksOfAnEarlierCheckpointAreNotRead) {
  Write(1, 400);
  Write(3, 400);
  Change(3, [](format::CheckpointHeader* header) { header->sequence = 5; });
  EXPECT_THAT(Read(), HasSubstr("2 of 2 chunks are damaged, with 400 of 400 entries"));
  EXPECT_EQ(index_.published(), 0u);
}

// Its place had failed, and was written all the same.
TEST_F(CheckpointReaderTest, AChunkWrittenTwiceCountsOnce) {
  Write(1, 200);
  const uint64_t chunk_bytes = Newest()->chunk_bytes;
  std::ranges::copy(Slot(1).subspan(kBlock, chunk_bytes), Slot(1).subspan(kBlock + chunk_bytes).begin());
  Change(1, [](format::CheckpointHeader* header) { header->chunk_bytes *= 2; });
  EXPECT_EQ(Read(), "");
  EXPECT_EQ(index_.published(), 200u);
}

TEST_F(CheckpointReaderTest, TheHeaderAndTheChunksMustAgreeOnTheirNumber) {
  Write(1, 3);
  Change(1, [](format::CheckpointHeader* header) { header->record_count = 4; });
  EXPECT_THAT(Read(), HasSubstr("0 of 1 chunks are damaged, with 1 of 4 entries"));
}

}  // namespace
}  // namespace slotwise
