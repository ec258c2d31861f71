// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/turns.h"

#include <algorithm>

#include "glog/logging.h"

namespace slotwise {

bool Turns::Aligned(const void* address) const {
  return reinterpret_cast<uintptr_t>(address) % address_alignment_ == 0;
}

Operation* Turns::Next(bool journal_behind) {
  if (waiting_.empty()) return nullptr;
  Operation* operation = waiting_.front();
  if (journal_behind && operation->kind == Operation::Kind::kRemove) return nullptr;
  if (!Available(operation->memory.data(), operation->payload_bytes)) return nullptr;
  waiting_.pop_front();
  return operation;
}

size_t Turns::CountWaiting(Operation::Kind kind) const {
  return static_cast<size_t>(
      std::ranges::count_if(waiting_, [kind](const Operation* operation) { return operation->kind == kind; }));
}

bool Turns::Available(const void* memory, uint64_t bytes) const {
  if (taken_ == turns_max_) return false;
  // A lone copy may be of any size: else a payload above the limit would never get its turn.
  return staging_bytes_ == 0 || Aligned(memory) || staging_bytes_ + bytes <= kStagingBytesMax;
}

AlignedBuffer Turns::Take(const void* memory, uint64_t bytes) {
  ++taken_;
  if (Aligned(memory)) return {};
  AlignedBuffer staging((bytes + block_bytes_ - 1) / block_bytes_ * block_bytes_, block_bytes_);
  staging_bytes_ += staging.size();
  return staging;
}

void Turns::End(AlignedBuffer* staging) {
  CHECK_GT(taken_, 0);
  CHECK_LE(staging->size(), staging_bytes_);
  --taken_;
  ++ended_;
  staging_bytes_ -= staging->size();
  *staging = AlignedBuffer();
}

void Turns::CheckInvariants() const {
  CHECK_GE(taken_, 0);
  CHECK_LE(taken_, turns_max_);
  CHECK(taken_ > 0 || staging_bytes_ == 0);
  CHECK_EQ(staging_bytes_ % block_bytes_, 0u);
}

}  // namespace slotwise
