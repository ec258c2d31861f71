// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_LOG_CHECKPOINT_H_
#define SLOTWISE_RAWBLOCK_LOG_CHECKPOINT_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "iouring/aligned_buffer.h"
#include "iouring/device.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/layout.h"
#include "rawblock/log/index.h"
#include "rawblock/log/journal.h"

namespace slotwise {

// Writes the index to a checkpoint slot while the store goes on serving, one
// chunk at a time. Entries are seen at different moments, which is harmless:
// records are absolute, and replay starts with the first record that was
// pending when the checkpoint began.
//
// Two steps: Start writes the chunks; Seal, once every record appended so far
// is durable, makes them the newest checkpoint. So a checkpoint never shows an
// entry that the journal does not know. One thread.
class CheckpointWriter {
 public:
  // All borrowed. What `device` completes shows in idle, chunks_written and status.
  CheckpointWriter(const Layout& layout, uint64_t salt, const Index* index, Device* device);

  // `sequence` is one above the newest checkpoint's: the other slot is used.
  // REQUIRES: idle().
  void Start(uint64_t sequence, JournalPoint replay_from);
  // REQUIRES: chunks_written().
  void Seal();

  // No checkpoint under way: the last one is sealed or has failed.
  bool idle() const { return state_ == State::kIdle; }
  bool chunks_written() const { return state_ == State::kChunksWritten; }
  // Of the last or current checkpoint.
  uint64_t sequence() const { return header_.sequence; }
  JournalPoint replay_from() const { return {.position = header_.journal_position, .lsn = Lsn(header_.start_lsn)}; }

  // OK, or why the last checkpoint failed.
  const absl::Status& status() const { return status_; }
  uint64_t bytes_written() const { return bytes_written_; }
  // Sent to the device.
  uint64_t flushes() const { return flushes_; }

 private:
  enum class State { kIdle, kWritingChunks, kChunksWritten, kSealing };
  struct Request : IoRequest {
    CheckpointWriter* writer;
  };
  using Step = void (CheckpointWriter::*)();

  void WriteChunk();
  uint32_t GatherRecords();
  void WriteHeader();
  void FlushHeader();
  void Sealed();
  // Sends the request; `next` follows if it succeeds.
  void Submit(IoRequest::Op op, uint64_t offset, std::span<std::byte> bytes, Step next);
  static void RequestDone(IoRequest* request);

  const Layout layout_;
  const uint64_t salt_;
  const Index* const index_;
  Device* const device_;

  State state_ = State::kIdle;
  format::CheckpointHeader header_ = {};
  EntryId next_entry_ = 0;
  std::vector<std::byte> records_;
  AlignedBuffer chunk_;
  iovec buffer_ = {};
  Request request_;
  Step next_step_ = nullptr;
  absl::Status status_;
  uint64_t bytes_written_ = 0;
  uint64_t flushes_ = 0;
};

// The slot that a checkpoint of this sequence lives in.
inline size_t CheckpointSlot(uint64_t sequence) { return sequence % 2; }

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_LOG_CHECKPOINT_H_
