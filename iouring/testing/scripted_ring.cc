// SPDX-License-Identifier: Apache-2.0
#include "iouring/testing/scripted_ring.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "glog/logging.h"

namespace slotwise {
namespace {

constexpr int kRefusals[] = {EAGAIN, EBUSY, ENOMEM, EPERM};  // of Enter
constexpr int kTransient[] = {EINTR, EAGAIN, EBUSY};
constexpr size_t kUnitMax = 4096;  // no device's alignment is larger here
constexpr int kLasting[] = {EIO, ENOSPC, ENODEV, ECANCELED};

bool Reads(const io_uring_sqe& entry) {
  return entry.opcode == IORING_OP_READ || entry.opcode == IORING_OP_READV || entry.opcode == IORING_OP_READ_FIXED;
}

bool Writes(const io_uring_sqe& entry) {
  return entry.opcode == IORING_OP_WRITE || entry.opcode == IORING_OP_WRITEV || entry.opcode == IORING_OP_WRITE_FIXED;
}

bool Flushes(const io_uring_sqe& entry) {
  return entry.opcode == IORING_OP_FSYNC && entry.fsync_flags == IORING_FSYNC_DATASYNC;
}

bool Cancels(const io_uring_sqe& entry) { return entry.opcode == IORING_OP_ASYNC_CANCEL; }

bool IsFixed(const io_uring_sqe& entry) {
  return entry.opcode == IORING_OP_READ_FIXED || entry.opcode == IORING_OP_WRITE_FIXED;
}

std::vector<iovec> Buffers(const io_uring_sqe& entry) {
  if (entry.opcode == IORING_OP_READV || entry.opcode == IORING_OP_WRITEV) {
    const auto* vector = std::bit_cast<const iovec*>(entry.addr);
    return {vector, vector + entry.len};
  }
  return {{std::bit_cast<void*>(entry.addr), entry.len}};
}

bool Lies(const iovec& inner, const iovec& outer) {
  const auto* start = static_cast<std::byte*>(inner.iov_base);
  const auto* from = static_cast<std::byte*>(outer.iov_base);
  return start >= from && start + inner.iov_len <= from + outer.iov_len;
}

auto Find(auto& entries, uint64_t user_data) {
  return std::ranges::find_if(entries, [&](const io_uring_sqe& entry) { return entry.user_data == user_data; });
}

}  // namespace

ScriptedRing::~ScriptedRing() {
  CHECK(std::ranges::all_of(submitted_, Cancels) && taken_.empty() && completed_.empty())
      << "the ring ends while something is in flight";
}

io_uring_sqe* ScriptedRing::NextEntry() {
  if (submitted_.size() + kept_places_ == entries_) return nullptr;
  return &submitted_.emplace_back();
}

int ScriptedRing::Enter(absl::Duration timeout) {
  const bool idle = submitted_.empty() && taken_.empty() && completed_.empty();
  CHECK(!idle || timeout == absl::ZeroDuration()) << "waits for nothing";
  kept_places_ = 0;
  const uint8_t turn = script_->Take();
  if (turn % 8 == 1) return -kRefusals[turn / 8 % std::size(kRefusals)];
  if (turn % 8 == 3) kept_places_ = submitted_.size();
  Take(turn % 8 == 2 ? std::min<size_t>(turn / 8, submitted_.size()) : submitted_.size());
  CompleteSome();
  return 0;
}

void ScriptedRing::Take(size_t count) {
  for (; count > 0; --count) {
    const io_uring_sqe entry = submitted_.front();
    submitted_.pop_front();
    if (Cancels(entry)) {
      GiveUp(entry);
      continue;
    }
    CHECK(Find(taken_, entry.user_data) == taken_.end()) << "submitted twice";
    CHECK((entry.flags & IOSQE_FIXED_FILE) != 0 && entry.fd == 0) << "not the registered file";
    taken_.push_back(entry);
  }
  CHECK_LE(taken_.size() + completed_.size(), in_flight_max_ + answers_) << "more in flight than the queue is deep";
}

// Answers an entry that asks for another one to be given up, which the script may do.
void ScriptedRing::GiveUp(const io_uring_sqe& entry) {
  const auto found = Find(taken_, entry.addr);
  const bool may = script_->Take() % 2 == 0;
  int32_t result = found == taken_.end() ? -ENOENT : -EALREADY;
  if (found != taken_.end() && may) {
    completed_.push_back({.user_data = found->user_data, .result = -ECANCELED});
    taken_.erase(found);
    result = 0;
  }
  completed_.push_back({.user_data = entry.user_data, .result = result});
  ++answers_;
}

void ScriptedRing::CompleteSome() {
  size_t left = taken_.size();
  if (const uint8_t spared = script_->Take(); spared > 0) left -= std::min<size_t>(left, spared % 8);
  for (; left > 0; --left) {
    const auto chosen = taken_.begin() + static_cast<ptrdiff_t>(script_->Take() % taken_.size());
    completed_.push_back({.user_data = chosen->user_data, .result = Result(*chosen)});
    taken_.erase(chosen);
  }
}

int32_t ScriptedRing::Result(const io_uring_sqe& entry) {
  const uint8_t decision = script_->Take();
  const uint8_t detail = decision / 8;
  switch (decision % 8) {
    case 1:
      return Move(entry, size_t{script_->Take()} << 8);
    case 2:
      ++script_->stumbles;
      return -kTransient[detail % std::size(kTransient)];
    case 3:
      if (detail < 24) return Move(entry, SIZE_MAX);
      ++script_->failures;
      return -kLasting[detail % std::size(kLasting)];
    default:
      return Move(entry, SIZE_MAX);
  }
}

int32_t ScriptedRing::Move(const io_uring_sqe& entry, size_t bytes_max) {
  if (Flushes(entry)) return 0;
  CHECK(Reads(entry) || Writes(entry)) << "neither reads nor writes nor flushes";
  size_t moved = 0;
  for (const iovec& buffer : Buffers(entry)) {
    CHECK(!IsFixed(entry) || Lies(buffer, registered_.at(entry.buf_index))) << "not in the registered buffer";
    CHECK_LE(entry.off + moved + buffer.iov_len, disk_.size()) << "beyond the device";
    const size_t bytes = std::min(buffer.iov_len, bytes_max - moved);
    std::byte* place = disk_.data() + entry.off + moved;
    if (bytes == 0) continue;
    std::memcpy(Reads(entry) ? buffer.iov_base : place, Reads(entry) ? place : buffer.iov_base, bytes);
    moved += bytes;
  }
  if (moved == 0 && entry.len > 0) ++script_->failures;  // the end of the device
  if (moved < kUnitMax) ++script_->stumbles;
  return static_cast<int32_t>(moved);
}

size_t ScriptedRing::Reap(std::span<RingCompletion> completions) {
  const size_t count = std::min(completions.size(), completed_.size());
  std::copy_n(completed_.begin(), count, completions.begin());
  completed_.erase(completed_.begin(), completed_.begin() + static_cast<ptrdiff_t>(count));
  if (completed_.empty()) answers_ = 0;
  return count;
}

int ScriptedRing::RegisterBuffers(std::span<const iovec> buffers) {
  registered_.assign(buffers.begin(), buffers.end());
  return 0;
}

int ScriptedRing::UnregisterBuffers() {
  registered_.clear();
  return 0;
}

}  // namespace slotwise
