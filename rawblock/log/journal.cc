// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/journal.h"

#include <algorithm>
#include <utility>

#include "glog/logging.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/group.h"

namespace slotwise {
namespace {

constexpr uint64_t kRecordBytesMax = format::kRecordBytesFixedMax + format::kKeyBytesMax;
static_assert(sizeof(format::GroupHeader) + 2 * kRecordBytesMax <= format::kBlockBytesMin);
// Of the records of a group that had no room for one more, at least.
constexpr uint64_t kFullGroupRecordBytes = format::kGroupBytesMax - sizeof(format::GroupHeader) - kRecordBytesMax;
// As much as takes a few seconds of groups on a slow device.
constexpr size_t kPendingBytesMax = 16 * size_t{format::kGroupBytesMax};

// Where a group of `bytes` goes that may go to `position` at the earliest: a group
// never wraps, it starts the next lap instead.
uint64_t PlaceGroup(uint64_t position, uint64_t bytes, uint64_t journal_bytes) {
  const uint64_t left_in_lap = journal_bytes - position % journal_bytes;
  return bytes <= left_in_lap ? position : position + left_in_lap;
}

}  // namespace

Journal::Journal(const Layout& layout, uint64_t salt, uint64_t session, JournalPoint next, uint64_t tail,
                 Device* device)
    : layout_(layout),
      salt_(salt),
      session_(session),
      device_(device),
      position_(next.position),
      tail_(tail),
      pending_first_(next.lsn),
      next_lsn_(next.lsn),
      durable_end_(next.lsn),
      payloads_durable_end_(next.lsn),
      payloads_flushing_end_(next.lsn),
      previous_session_(next.session),
      previous_(next.previous),
      group_(format::kGroupBytesMax, layout.block_bytes) {
  CHECK_LE(tail_, position_);
  CHECK_LE(used_bytes(), layout_.journal_bytes);
  CHECK_GE(layout_.journal_bytes, 2 * uint64_t{format::kGroupBytesMax}) << "no room for a group anywhere in the ring";
}

size_t Journal::pending_bytes_max() const { return std::min<uint64_t>(kPendingBytesMax, layout_.journal_bytes / 16); }

bool Journal::HasRoom(uint64_t records) const {
  return pending_bytes() <= pending_bytes_max() && used_bytes() + RingBytesFor(records) <= layout_.journal_bytes;
}

// What is pending goes into full groups and a last one. A record more adds a block at most, whether it joins one of
// these or has a group of its own: then a block holds it with the header. So whatever group is written next, what it
// takes of the ring is no more than this falls, and HasRoom holds for the rest as it did for all.
uint64_t Journal::RingBytesFor(uint64_t records) const {
  const uint64_t rest = pending_bytes() % kFullGroupRecordBytes;
  const uint64_t bytes = pending_bytes() / kFullGroupRecordBytes * format::kGroupBytesMax +
                         (rest == 0 ? 0 : GroupBytes(rest, layout_.block_bytes)) +
                         (promised_ + records) * layout_.block_bytes;
  const uint64_t left_in_lap = layout_.journal_bytes - position_ % layout_.journal_bytes;
  // One group may leave the end of the lap unused, less than itself.
  const uint64_t unused = bytes <= left_in_lap ? 0 : std::min<uint64_t>(left_in_lap, format::kGroupBytesMax);
  return bytes + unused;
}

void Journal::Redeem() {
  CHECK_GT(promised_, 0u);
  --promised_;
}

Lsn Journal::Append(const Record& record) {
  const size_t before = pending_.size();
  AppendRecord(record, &pending_);
  pending_record_bytes_.push_back(static_cast<uint32_t>(pending_.size() - before));
  const Lsn lsn = next_lsn_;
  next_lsn_ = next_lsn_.Plus(1);
  if (record.type == format::RecordType::kPut) newest_put_ = lsn;
  return lsn;
}

std::pair<size_t, size_t> Journal::NextGroup() const {
  size_t records = 0;
  size_t bytes = 0;
  for (const uint32_t record_bytes : pending_record_bytes_) {
    if (sizeof(format::GroupHeader) + bytes + record_bytes > format::kGroupBytesMax) break;
    ++records;
    bytes += record_bytes;
  }
  return {records, bytes};
}

bool Journal::StartCommit() {
  if (committing_ || pending_.empty() || !status_.ok()) return false;
  const auto [records, record_bytes] = NextGroup();
  const uint64_t bytes = GroupBytes(record_bytes, layout_.block_bytes);
  const uint64_t position = PlaceGroup(position_, bytes, layout_.journal_bytes);
  CHECK_LE(position + bytes - tail_, layout_.journal_bytes) << "records were appended without room in the ring";
  EncodeNext(records, record_bytes, position);
  // A flush covers no more than the writes that had completed before it. The flush
  // after the group could reach the device when the group has, and a payload that it
  // names has not: so the payloads are flushed before the group is written.
  PayloadsDurable() ? WriteGroup() : FlushPayloads();
  return true;
}

void Journal::EncodeNext(size_t records, size_t record_bytes, uint64_t position) {
  const std::span<std::byte> bytes = group_.span().first(GroupBytes(record_bytes, layout_.block_bytes));
  previous_ = EncodeGroup({.magic = format::kJournalMagic,
                           .record_count = static_cast<uint32_t>(records),
                           .sequence = pending_first_.value(),
                           .session = session_,
                           .previous = previous_,
                           .records = std::span(pending_).first(record_bytes)},
                          salt_, bytes);
  previous_session_ = session_;
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<ptrdiff_t>(record_bytes));
  pending_record_bytes_.erase(pending_record_bytes_.begin(),
                              pending_record_bytes_.begin() + static_cast<ptrdiff_t>(records));
  pending_first_ = pending_first_.Plus(records);
  position_ = position + bytes.size();
  committing_ = true;
  places_ = 1;
  ++groups_written_;
  bytes_written_ += bytes.size();
  group_buffer_ = {.iov_base = bytes.data(), .iov_len = bytes.size()};
}

void Journal::FlushPayloads() {
  Flush([](IoRequest* request) {
    Journal* journal = static_cast<Request*>(request)->journal;
    request->status.ok() ? journal->WriteGroup() : journal->Finish(request->status);
  });
}

void Journal::WriteGroup() {
  request_.journal = this;
  request_.op = IoRequest::Op::kWrite;
  request_.offset = layout_.journal_offset + (position_ - group_buffer_.iov_len) % layout_.journal_bytes;
  request_.buffers = {&group_buffer_, 1};
  request_.done = [](IoRequest* request) {
    Journal* journal = static_cast<Request*>(request)->journal;
    if (request->status.ok()) return journal->FlushGroup();
    if (absl::IsDataLoss(request->status) && journal->Relocate()) return journal->WriteGroup();
    journal->Finish(request->status);
  };
  device_->Submit(&request_);
}

// The group follows its predecessor by its checksum, not by its place, and two copies of it do no harm.
bool Journal::Relocate() {
  const uint64_t bytes = group_buffer_.iov_len;
  const uint64_t failed_end = position_;
  position_ = PlaceGroup(position_, bytes, layout_.journal_bytes) + bytes;
  if (places_ == kPlacesMax || used_bytes() + RingBytesFor(0) > layout_.journal_bytes) {
    position_ = failed_end;
    return false;
  }
  ++places_;
  ++relocations_;
  bytes_written_ += bytes;
  return true;
}

void Journal::FlushGroup() {
  // Records are appended when their payload is written: this flush covers the payloads
  // of those appended by now, so the next group may need none before it.
  payloads_flushing_end_ = next_lsn_;
  Flush([](IoRequest* request) { static_cast<Request*>(request)->journal->Finish(request->status); });
}

void Journal::Flush(void (*done)(IoRequest*)) {
  request_.journal = this;
  request_.op = IoRequest::Op::kFlush;
  ++flushes_;
  request_.buffers = {};
  request_.done = done;
  device_->Submit(&request_);
}

void Journal::Finish(const absl::Status& status) {
  committing_ = false;
  if (status.ok()) {
    durable_end_ = pending_first_;
    payloads_durable_end_ = payloads_flushing_end_;
  } else {
    // For ever: after a failed write or flush nobody knows what the device holds, and
    // a group behind a hole would be read as damage.
    status_ = status;
  }
}

void Journal::MoveTail(uint64_t position) {
  CHECK_GE(position, tail_);
  CHECK_LE(position, position_);
  tail_ = position;
}

}  // namespace slotwise
