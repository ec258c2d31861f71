// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/checkpoint.h"

#include <cstring>
#include <optional>

#include "glog/logging.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/group.h"
#include "rawblock/disk/record.h"
#include "rawblock/disk/session.h"

namespace slotwise {

using Op = IoRequest::Op;

CheckpointWriter::CheckpointWriter(const StoreHeader& header, uint64_t session, const Index* index, Device* device)
    : store_(header),
      session_(session),
      index_(index),
      device_(device),
      chunk_(format::kGroupBytesMax, header.layout.block_bytes) {}

void CheckpointWriter::Start(uint64_t sequence, JournalPoint replay_from) {
  CHECK(idle());
  state_ = State::kWritingChunks;
  status_ = absl::OkStatus();
  header_ = {};
  header_.magic = format::kCheckpointHeaderMagic;
  header_.sequence = sequence;
  header_.start_lsn = replay_from.lsn.value();
  header_.journal_position = replay_from.position;
  header_.journal_session = replay_from.session;
  header_.journal_previous = replay_from.previous;
  header_.session = session_;
  next_entry_ = 0;
  bad_written_ = false;
  VerifySession(&CheckpointWriter::NextChunk);
}

// --- Whose store it is ---------------------------------------------------------------

void CheckpointWriter::VerifySession(Step next) {
  if (session_ == 0) return (this->*next)();
  session_verified_ = next;
  copy_ = 0;
  ReadSession();
}

void CheckpointWriter::ReadSession() {
  Submit(Op::kRead, SessionOffset(copy_), chunk_.span().first(layout_.block_bytes), &CheckpointWriter::SessionRead);
}

// A copy that is damaged says nothing: only a valid one can tell of another session.
void CheckpointWriter::SessionRead() {
  const std::optional<Session> found =
      request_.status.ok() ? DecodeSession(store_, chunk_.span().first(layout_.block_bytes)) : std::nullopt;
  if (!found.has_value() && ++copy_ < format::kSuperblockCopies) return ReadSession();
  if (!found.has_value() || found->number == session_) return (this->*session_verified_)();
  Fail(absl::FailedPreconditionError(
      "another session has opened this store, of another process or another host; close one of the two"));
}

// --- Chunks ----------------------------------------------------------------------------

void CheckpointWriter::NextChunk() {
  const uint32_t count = GatherRecords();
  if (count == 0) {
    state_ = State::kChunksWritten;
    return;
  }
  chunk_bytes_ = GroupBytes(records_.size(), layout_.block_bytes);
  EncodeGroup({.magic = format::kCheckpointMagic,
               .record_count = count,
               .sequence = header_.chunk_count,
               .owner = header_.sequence,
               .session = session_,
               .records = records_},
              store_.salt, chunk_.span().first(chunk_bytes_));
  header_.chunk_count += 1;
  header_.record_count += count;
  WriteChunk();
}

uint32_t CheckpointWriter::GatherRecords() {
  const size_t record_bytes_max = format::kRecordBytesFixedMax + format::kKeyBytesMax;
  uint32_t count = 0;
  records_.clear();
  if (!bad_written_) {
    for (const Placement& placement : index_->bad()) AppendRecord(BadRecord(placement), &records_);
    count = static_cast<uint32_t>(index_->bad().size());
    bad_written_ = true;
  }
  for (; next_entry_ < index_->id_limit(); ++next_entry_) {
    if (sizeof(format::GroupHeader) + records_.size() + record_bytes_max > format::kGroupBytesMax) break;
    const Entry& entry = index_->entry(next_entry_);
    if (!entry.published) continue;
    AppendRecord({.type = format::RecordType::kPut,
                  .key = entry.key(),
                  .placement = entry.placement(),
                  .payload_bytes = entry.payload_bytes,
                  .checksum = entry.checksum},
                 &records_);
    ++count;
  }
  return count;
}

void CheckpointWriter::WriteChunk() {
  const uint64_t offset = layout_.block_bytes + header_.chunk_bytes;
  header_.chunk_bytes += chunk_bytes_;
  CHECK_LE(offset + chunk_bytes_, CheckpointHeaderOffset(layout_, 1));
  Submit(Op::kWrite, SlotOffset() + offset, chunk_.span().first(chunk_bytes_), &CheckpointWriter::ChunkWritten);
}

void CheckpointWriter::ChunkWritten() {
  if (request_.status.ok()) return NextChunk();
  // The slot is sized for the worst; if what is left of it is too, the chunk goes behind the place that is bad.
  const uint64_t entries_left = index_->id_limit() - next_entry_;
  const uint64_t needed = chunk_bytes_ + CheckpointChunkBytes(entries_left, store_.max_key_bytes, layout_.block_bytes);
  const uint64_t end = layout_.block_bytes + header_.chunk_bytes;
  const bool room = end + needed <= CheckpointHeaderOffset(layout_, 1);
  if (absl::IsDataLoss(request_.status) && room) return WriteChunk();
  Fail(request_.status);
}

// --- The header ------------------------------------------------------------------------

void CheckpointWriter::Seal() {
  CHECK(chunks_written());
  state_ = State::kSealing;
  // The header makes the checkpoint the newest, so its chunks must be durable before
  // the header is written: a valid header without them would be damage.
  Submit(Op::kFlush, 0, {}, &CheckpointWriter::StartHeaders);
}

void CheckpointWriter::StartHeaders() {
  if (!Succeeded()) return;
  headers_good_ = 0;
  VerifySession(&CheckpointWriter::WriteHeader);
}

void CheckpointWriter::WriteHeader() {
  header_.checksum = MetadataChecksum(
      store_.salt, std::as_bytes(std::span(&header_, 1)).first(offsetof(format::CheckpointHeader, checksum)));
  const std::span<std::byte> block = chunk_.span().first(layout_.block_bytes);
  std::memset(block.data(), 0, block.size());
  std::memcpy(block.data(), &header_, sizeof(header_));
  copy_ = 0;
  Submit(Op::kWrite, SlotOffset() + CheckpointHeaderOffset(layout_, copy_), block, &CheckpointWriter::HeaderWritten);
}

void CheckpointWriter::HeaderWritten() {
  if (request_.status.ok()) ++headers_good_;
  if (headers_good_ == 0 && copy_ + 1 == kCheckpointHeaderCopies) return Fail(request_.status);
  Submit(Op::kFlush, 0, {}, &CheckpointWriter::HeaderFlushed);
}

// One copy after the other: whatever happens, one of the slot's headers is whole. Not sealed before one is durable: the
// caller then lets the journal overwrite what the checkpoint before needs for its replay.
void CheckpointWriter::HeaderFlushed() {
  if (!Succeeded()) return;
  if (++copy_ == kCheckpointHeaderCopies) {
    state_ = State::kIdle;
    return;
  }
  Submit(Op::kWrite, SlotOffset() + CheckpointHeaderOffset(layout_, copy_), chunk_.span().first(layout_.block_bytes),
         &CheckpointWriter::HeaderWritten);
}

// --- Requests ----------------------------------------------------------------------------

uint64_t CheckpointWriter::SlotOffset() const { return layout_.checkpoint_offset[CheckpointSlot(header_.sequence)]; }

void CheckpointWriter::Submit(IoRequest::Op op, uint64_t offset, std::span<std::byte> bytes, Step next) {
  next_step_ = next;
  if (op == Op::kWrite) bytes_written_ += bytes.size();
  if (op == Op::kFlush) ++flushes_;
  buffer_ = {.iov_base = bytes.data(), .iov_len = bytes.size()};
  request_.writer = this;
  request_.op = op;
  request_.offset = offset;
  request_.buffers = {&buffer_, bytes.empty() ? size_t{0} : size_t{1}};
  request_.done = &RequestDone;
  device_->Submit(&request_);
}

void CheckpointWriter::RequestDone(IoRequest* request) {
  CheckpointWriter* writer = static_cast<Request*>(request)->writer;
  (writer->*writer->next_step_)();
}

bool CheckpointWriter::Succeeded() {
  if (!request_.status.ok()) Fail(request_.status);
  return request_.status.ok();
}

void CheckpointWriter::Fail(const absl::Status& status) {
  status_ = status;
  state_ = State::kIdle;
}

}  // namespace slotwise
