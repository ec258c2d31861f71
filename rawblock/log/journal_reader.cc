// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/journal_reader.h"

#include <algorithm>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "iouring/aligned_buffer.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/metadata_io.h"
#include "rawblock/disk/metadata_stream.h"

namespace slotwise {
namespace {

// What is wrong is told up to this many lines.
constexpr size_t kDamageMax = 100;

}  // namespace

JournalReader::JournalReader(Device* device, const StoreHeader& header, JournalPoint start, Index* index)
    : device_(device), header_(header), layout_(header.layout), replayer_(header, index), next_(start) {}

absl::Status JournalReader::ReadAll() {
  const uint64_t start = next_.position;
  const uint64_t offset = start % layout_.journal_bytes;
  if (absl::Status status = ReadLap(start, layout_.journal_bytes - offset); !status.ok()) return status;
  if (absl::Status status = ReadLap(start - offset + layout_.journal_bytes, offset); !status.ok()) return status;
  return ApplyLater();
}

absl::Status JournalReader::ReadLap(uint64_t position, uint64_t bytes) {
  MetadataStream stream(device_, layout_.journal_offset + position % layout_.journal_bytes, bytes);
  bool following = true;
  for (uint64_t at = 0; at < bytes;) {
    const absl::StatusOr<std::span<const std::byte>> view = stream.Peek();
    if (!view.ok()) return view.status();
    uint64_t step = following ? TakeNext(position + at, *view) : 0;
    following = step > 0;
    if (!following) step = PassLater((position + at) % layout_.journal_bytes, *view);
    stream.Skip(step);
    at += step;
  }
  return absl::OkStatus();
}

uint64_t JournalReader::TakeNext(uint64_t position, std::span<const std::byte> bytes) {
  if (GroupSequence(format::kJournalMagic, bytes) != next_.lsn.value()) return 0;
  const std::optional<Group> group = DecodeGroup(format::kJournalMagic, header_.salt, bytes);
  if (!group.has_value() || group->record_count == 0) {
    groups_cut_ = 1;
    return 0;
  }
  Apply(*group);
  const uint64_t group_bytes = GroupBytes(group->records.size(), layout_.block_bytes);
  next_ = {.position = position + group_bytes, .lsn = next_.lsn.Plus(group->record_count)};
  return group_bytes;
}

uint64_t JournalReader::PassLater(uint64_t offset, std::span<const std::byte> bytes) {
  const std::optional<uint64_t> sequence = GroupSequence(format::kJournalMagic, bytes);
  if (!sequence.has_value() || Lsn(*sequence) <= next_.lsn) return layout_.block_bytes;
  const std::optional<Group> group = DecodeGroup(format::kJournalMagic, header_.salt, bytes);
  if (!group.has_value() || group->record_count == 0) return layout_.block_bytes;
  const uint64_t group_bytes = GroupBytes(group->records.size(), layout_.block_bytes);
  later_.push_back({.lsn = Lsn(*sequence), .offset = offset, .bytes = group_bytes});
  return group_bytes;
}

absl::Status JournalReader::ApplyLater() {
  std::ranges::sort(later_, {}, &Later::lsn);
  AlignedBuffer buffer(later_.empty() ? 0 : format::kGroupBytesMax, layout_.block_bytes);
  for (const Later& later : later_) {
    if (later.lsn < next_.lsn) continue;
    const std::span<std::byte> bytes = buffer.span().first(later.bytes);
    absl::Status status = ReadBytes(device_, layout_.journal_offset + later.offset, bytes);
    if (!status.ok()) return status;
    const std::optional<Group> group = DecodeGroup(format::kJournalMagic, header_.salt, bytes);
    if (!group.has_value()) return absl::DataLossError("journal: a group was lost between two reads");
    if (later.lsn > next_.lsn) {
      Damaged(absl::StrCat("records from LSN ", next_.lsn.value(), " to ", later.lsn.value() - 1,
                           " are damaged, with valid ones after them; acknowledged entries may be lost"));
    }
    Apply(*group);
    next_.lsn = later.lsn.Plus(group->record_count);
  }
  return absl::OkStatus();
}

void JournalReader::Apply(const Group& group) {
  if (!replayer_.ApplyGroup(group)) Damaged(absl::StrCat("the group at LSN ", group.sequence, " holds a bad record"));
  ++groups_;
  records_ += group.record_count;
}

void JournalReader::Damaged(absl::string_view what) {
  if (damage_.size() < kDamageMax) damage_.push_back(absl::StrCat("journal: ", what));
}

}  // namespace slotwise
