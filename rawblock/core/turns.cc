// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/turns.h"

#include "glog/logging.h"

namespace slotwise {

bool Turns::Aligned(const void* address) const {
  return reinterpret_cast<uintptr_t>(address) % address_alignment_ == 0;
}

Operation* Turns::First(Kind kind) const {
  const std::deque<Operation*>& waiting = line(kind).waiting;
  if (waiting.empty()) return nullptr;
  Operation* const first = waiting.front();
  return Available(kind, first->memory.data(), first->payload_bytes) ? first : nullptr;
}

bool Turns::Available(Kind kind, const void* memory, uint64_t bytes) const {
  if (taken_ == turns_max_) return false;
  // A lone copy may be of any size: else a payload above the limit would never get its turn.
  const uint64_t staging_bytes = line(kind).staging_bytes;
  return staging_bytes == 0 || Aligned(memory) || staging_bytes + bytes <= kStagingBytesMax;
}

AlignedBuffer Turns::Take(Kind kind, const void* memory, uint64_t bytes) {
  ++taken_;
  if (Aligned(memory)) return {};
  AlignedBuffer staging((bytes + block_bytes_ - 1) / block_bytes_ * block_bytes_, block_bytes_);
  line(kind).staging_bytes += staging.size();
  return staging;
}

void Turns::End(Kind kind, AlignedBuffer* staging) {
  CHECK_GT(taken_, 0);
  CHECK_LE(staging->size(), line(kind).staging_bytes);
  --taken_;
  ++ended_;
  line(kind).staging_bytes -= staging->size();
  *staging = AlignedBuffer();
}

void Turns::CheckInvariants() const {
  CHECK_GE(taken_, 0);
  CHECK_LE(taken_, turns_max_);
  CHECK(taken_ > 0 || staging_bytes() == 0);
  CHECK_EQ(staging_bytes() % block_bytes_, 0u);
  for (const Kind kind : {Kind::kPut, Kind::kGet}) {
    for (const Operation* operation : line(kind).waiting) CHECK(operation->kind == kind);
  }
}

}  // namespace slotwise
