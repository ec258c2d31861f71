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
#include "rawblock/disk/store_header.h"
#include "rawblock/log/index.h"
#include "rawblock/log/journal.h"

namespace slotwise {

// Where the journal goes on behind what a checkpoint shows.
inline JournalPoint ReplayPoint(const format::CheckpointHeader& header) {
  return {.position = header.journal_position,
          .lsn = Lsn(header.start_lsn),
          .session = header.journal_session,
          .previous = header.journal_previous};
}

// Writes the index to a checkpoint slot while the store goes on serving, one
// chunk at a time. Entries are seen at different moments, which is harmless:
// records are absolute, and replay starts with the first record that was
// pending when the checkpoint began.
//
// Two steps: Start writes the chunks; Seal, once every record appended so far
// is durable, makes them the newest checkpoint. So a checkpoint never shows an
// entry that the journal does not know. Before each step it reads whose session the
// store's is: if another has opened it, the checkpoint fails, and nothing is written.
//
// A place where a chunk cannot be written is passed over while there is room, and one
// copy of the header will do. One thread.
class CheckpointWriter {
 public:
  // `session` is its number; 0: before any session, as in format. All borrowed. What `device` completes shows in
  // idle, chunks_written and status.
  CheckpointWriter(const StoreHeader& header, uint64_t session, const Index* index, Device* device);

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
  JournalPoint replay_from() const { return ReplayPoint(header_); }

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

  // Reads the copies of the session block, as far as it takes to find a valid one; `next` follows if it is ours.
  void VerifySession(Step next);
  void ReadSession();
  void SessionRead();

  void NextChunk();
  uint32_t GatherRecords();
  void WriteChunk();
  void ChunkWritten();
  void StartHeaders();
  void WriteHeader();
  void HeaderWritten();
  void HeaderFlushed();

  // Sends the request; `next` follows, whether it succeeds or not.
  void Submit(IoRequest::Op op, uint64_t offset, std::span<std::byte> bytes, Step next);
  static void RequestDone(IoRequest* request);
  // Whether the request succeeded; if not, the checkpoint has failed.
  bool Succeeded();
  void Fail(const absl::Status& status);
  uint64_t SlotOffset() const;

  const StoreHeader store_;
  const Layout& layout_ = store_.layout;
  const uint64_t session_;
  const Index* const index_;
  Device* const device_;

  State state_ = State::kIdle;
  format::CheckpointHeader header_ = {};
  EntryId next_entry_ = 0;
  bool bad_written_ = false;  // the places that are bad
  std::vector<std::byte> records_;
  AlignedBuffer chunk_;
  size_t chunk_bytes_ = 0;
  uint64_t copy_ = 0;          // of the session block or the header
  uint64_t headers_good_ = 0;  // copies of the header that were written
  Step session_verified_ = nullptr;
  iovec buffer_ = {};
  Request request_;
  Step next_step_ = nullptr;
  absl::Status status_;
  uint64_t bytes_written_ = 0;
  uint64_t flushes_ = 0;
};

// The slot that a checkpoint of this sequence lives in.
inline size_t CheckpointSlot(uint64_t sequence) { return sequence % 2; }

// Where a copy of a checkpoint's header stands in its slot, in bytes: at its start and at its end.
inline constexpr uint64_t kCheckpointHeaderCopies = 2;
inline uint64_t CheckpointHeaderOffset(const Layout& layout, uint64_t copy) {
  return copy == 0 ? 0 : layout.checkpoint_bytes - layout.block_bytes;
}

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_LOG_CHECKPOINT_H_
