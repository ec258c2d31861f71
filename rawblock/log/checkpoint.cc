// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/checkpoint.h"

#include <cstring>

#include "glog/logging.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/group.h"
#include "rawblock/disk/record.h"

namespace slotwise {

CheckpointWriter::CheckpointWriter(const Layout& layout, uint64_t salt, const Index* index, Device* device)
    : layout_(layout),
      salt_(salt),
      index_(index),
      device_(device),
      chunk_(format::kGroupBytesMax, layout.block_bytes) {}

void CheckpointWriter::Start(uint64_t sequence, JournalPoint replay_from) {
  CHECK(idle());
  state_ = State::kWritingChunks;
  status_ = absl::OkStatus();
  header_ = {};
  header_.magic = format::kCheckpointHeaderMagic;
  header_.sequence = sequence;
  header_.start_lsn = replay_from.lsn.value();
  header_.journal_position = replay_from.position;
  next_entry_ = 0;
  WriteChunk();
}

uint32_t CheckpointWriter::GatherRecords() {
  const size_t record_bytes_max = format::kRecordBytesFixedMax + format::kKeyBytesMax;
  uint32_t count = 0;
  records_.clear();
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
  const uint32_t count = GatherRecords();
  if (count == 0) {
    state_ = State::kChunksWritten;
    return;
  }
  const std::span<std::byte> bytes = chunk_.span().first(GroupBytes(records_.size(), layout_.block_bytes));
  EncodeGroup({.magic = format::kCheckpointMagic,
               .record_count = count,
               .sequence = header_.chunk_count,
               .owner = header_.sequence,
               .records = records_},
              salt_, bytes);
  const uint64_t offset = layout_.block_bytes + header_.chunk_bytes;
  CHECK_LE(offset + bytes.size(), layout_.checkpoint_bytes);
  header_.chunk_count += 1;
  header_.chunk_bytes += bytes.size();
  header_.record_count += count;
  Submit(IoRequest::Op::kWrite, layout_.checkpoint_offset[CheckpointSlot(header_.sequence)] + offset, bytes,
         &CheckpointWriter::WriteChunk);
}

void CheckpointWriter::Seal() {
  CHECK(chunks_written());
  state_ = State::kSealing;
  // The header makes the checkpoint the newest, so its chunks must be durable before
  // the header is written: a valid header without them would be damage.
  Submit(IoRequest::Op::kFlush, 0, {}, &CheckpointWriter::WriteHeader);
}

void CheckpointWriter::WriteHeader() {
  header_.checksum = MetadataChecksum(
      salt_, std::as_bytes(std::span(&header_, 1)).first(offsetof(format::CheckpointHeader, checksum)));
  const std::span<std::byte> block = chunk_.span().first(layout_.block_bytes);
  std::memset(block.data(), 0, block.size());
  std::memcpy(block.data(), &header_, sizeof(header_));
  Submit(IoRequest::Op::kWrite, layout_.checkpoint_offset[CheckpointSlot(header_.sequence)], block,
         &CheckpointWriter::FlushHeader);
}

// Not sealed before the header is durable: the caller then lets the journal overwrite
// what the checkpoint before needs for its replay.
void CheckpointWriter::FlushHeader() { Submit(IoRequest::Op::kFlush, 0, {}, &CheckpointWriter::Sealed); }

void CheckpointWriter::Sealed() { state_ = State::kIdle; }

void CheckpointWriter::Submit(IoRequest::Op op, uint64_t offset, std::span<std::byte> bytes, Step next) {
  next_step_ = next;
  bytes_written_ += bytes.size();
  if (op == IoRequest::Op::kFlush) ++flushes_;
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
  if (request->status.ok()) return (writer->*writer->next_step_)();
  writer->status_ = request->status;
  writer->state_ = State::kIdle;
}

}  // namespace slotwise
