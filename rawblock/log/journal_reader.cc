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
#include "rawblock/disk/record.h"

namespace slotwise {
namespace {

// What is wrong is told up to this many lines.
constexpr size_t kDamageMax = 100;

// If `group` opens a session: the LSN behind the last record that it recovered.
std::optional<Lsn> RecoveredEnd(const Group& group) {
  std::span<const std::byte> bytes = group.records;
  const std::optional<Record> first = TakeRecord(&bytes);
  if (!first.has_value() || first->type != format::RecordType::kOpen) return std::nullopt;
  return Lsn(first->checksum);
}

JournalPoint Behind(uint64_t position, const Group& group, uint32_t block_bytes) {
  return {.position = position + GroupBytes(group.records.size(), block_bytes),
          .lsn = Lsn(group.sequence).Plus(group.record_count),
          .session = group.session,
          .previous = group.checksum};
}

}  // namespace

JournalReader::JournalReader(Device* device, const StoreHeader& header, const Session& last, JournalPoint start,
                             Index* index)
    : device_(device),
      header_(header),
      layout_(header.layout),
      last_session_(last),
      start_lsn_(start.lsn),
      replayer_(header, index),
      applied_(start),
      hashable_bytes_(2 * layout_.journal_bytes) {}

absl::Status JournalReader::ReadAll() {
  const uint64_t start = applied_.position;
  const uint64_t offset = start % layout_.journal_bytes;
  if (absl::Status status = ReadLap(start, layout_.journal_bytes - offset); !status.ok()) return status;
  if (absl::Status status = ReadLap(start - offset + layout_.journal_bytes, offset); !status.ok()) return status;
  if (absl::Status status = TakeLater(); !status.ok()) return status;
  ApplyHeld();
  return absl::OkStatus();
}

absl::Status JournalReader::ReadLap(uint64_t position, uint64_t bytes) {
  MetadataStream stream(device_, layout_.journal_offset + position % layout_.journal_bytes, bytes);
  for (uint64_t at = 0; at < bytes;) {
    const absl::StatusOr<std::span<const std::byte>> view = stream.Peek();
    if (!view.ok()) return view.status();
    const uint64_t step = Take(position + at, *view);
    stream.Skip(step);
    at += step;
  }
  unreadable_.insert(unreadable_.end(), stream.unreadable().begin(), stream.unreadable().end());
  return absl::OkStatus();
}

uint64_t JournalReader::Take(uint64_t position, std::span<const std::byte> bytes) {
  const std::optional<uint64_t> sequence = GroupSequence(format::kJournalMagic, bytes);
  if (!sequence.has_value() || Lsn(*sequence) < std::max(start_lsn_, applied_.lsn)) return layout_.block_bytes;
  const std::optional<Group> group = Decode(bytes);
  if (!group.has_value()) {
    if (Lsn(*sequence) == last().lsn) groups_cut_ = 1;
    return layout_.block_bytes;
  }
  const uint64_t group_bytes = GroupBytes(group->records.size(), layout_.block_bytes);
  if (last_session_.Late(group->session, Lsn(group->sequence))) {
    ++groups_late_;
  } else if (!TakeNext(position, *group)) {
    later_.push_back({.lsn = Lsn(group->sequence), .position = position, .bytes = group_bytes});
  }
  return group_bytes;
}

std::optional<Group> JournalReader::Decode(std::span<const std::byte> bytes) {
  if (hashable_bytes_ == 0) return std::nullopt;
  std::optional<Group> group = DecodeGroup(format::kJournalMagic, header_.salt, bytes);
  if (group.has_value() && group->record_count > 0) return group;
  // What a group claims, not what follows it: the groups of a store that was here before, whole and side by side, are
  // read to their end and count for nothing.
  hashable_bytes_ -= std::min(hashable_bytes_, ClaimedBytes(bytes));
  if (hashable_bytes_ == 0) Damaged("too many groups are damaged; the rest was not looked at");
  return std::nullopt;
}

bool JournalReader::TakeNext(uint64_t position, const Group& group) {
  if (Follows(last(), group)) {
    ApplyHeld();
    Hold(position, group);
    return true;
  }
  if (!Follows(applied_, group)) return false;
  // Two that follow one: the later session was not told of the other's group, or both are the same, written twice.
  if (Lsn(group.sequence) > held_.lsn) {
    DropHeld();
    Hold(position, group);
  } else if (group.checksum != held_.after.previous) {
    ++groups_late_;
  }
  return true;
}

bool JournalReader::Follows(const JournalPoint& point, const Group& group) const {
  if (group.previous != point.previous) return false;
  if (group.session == point.session && Lsn(group.sequence) == point.lsn) return true;
  return Lsn(group.sequence) > point.lsn && RecoveredEnd(group) == point.lsn;
}

absl::Status JournalReader::TakeLater() {
  std::ranges::sort(later_, {}, &Later::lsn);
  AlignedBuffer buffer(later_.empty() ? 0 : format::kGroupBytesMax, layout_.block_bytes);
  for (const Later& later : later_) {
    if (later.lsn < last().lsn) {
      ++groups_late_;
      continue;
    }
    const std::span<std::byte> bytes = buffer.span().first(later.bytes);
    absl::Status status = ReadBytes(device_, layout_.journal_offset + later.position % layout_.journal_bytes, bytes);
    if (!status.ok()) return status;
    const std::optional<Group> group = DecodeGroup(format::kJournalMagic, header_.salt, bytes);
    if (!group.has_value()) return absl::DataLossError("journal: a group was lost between two reads");
    if (!TakeNext(later.position, *group)) TakeBehindGap(later.position, *group);
  }
  return absl::OkStatus();
}

void JournalReader::TakeBehindGap(uint64_t position, const Group& group) {
  const std::optional<Lsn> recovered_end = RecoveredEnd(group);
  if (recovered_end.has_value() && *recovered_end <= held_.lsn) DropHeld();
  Damaged(absl::StrCat("records from LSN ", last().lsn.value(), " up to LSN ", group.sequence,
                       ", where valid ones follow, are damaged; acknowledged entries may be lost"));
  ApplyHeld();
  Hold(position, group);
}

void JournalReader::Hold(uint64_t position, const Group& group) {
  held_.lsn = Lsn(group.sequence);
  held_.after = Behind(position, group, layout_.block_bytes);
  held_.records.assign(group.records.begin(), group.records.end());
}

void JournalReader::DropHeld() {
  if (!held_.records.empty()) ++groups_late_;
  held_.records.clear();
}

void JournalReader::ApplyHeld() {
  if (held_.records.empty()) return;
  const uint64_t records = held_.after.lsn.value() - held_.lsn.value();
  const Group group{
      .record_count = static_cast<uint32_t>(records), .sequence = held_.lsn.value(), .records = held_.records};
  if (!replayer_.ApplyGroup(group)) Damaged(absl::StrCat("the group at LSN ", group.sequence, " holds a bad record"));
  ++groups_;
  records_ += records;
  held_.after.position = std::max(held_.after.position, applied_.position);
  applied_ = held_.after;
  held_.records.clear();
}

void JournalReader::Damaged(absl::string_view what) {
  if (damage_.size() < kDamageMax) damage_.push_back(absl::StrCat("journal: ", what));
}

}  // namespace slotwise
