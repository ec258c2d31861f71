// SPDX-License-Identifier: Apache-2.0
#include "allocator/free_runs.h"

#include "glog/logging.h"

namespace slotwise {

RunId FreeRuns::Add(BlockIndex start, BlockIndex end) {
  const RunId id = TakeUnused();
  run(id).start = static_cast<uint32_t>(start.value());
  run(id).last = static_cast<uint32_t>(end.value() - 1);
  Link(id, BinOf(end - start));
  ++size_;
  return id;
}

void FreeRuns::Remove(RunId id) {
  Unlink(id, BinOf(count(id)));
  run(id).next = unused_;
  unused_ = id;
  --size_;
}

void FreeRuns::Resize(RunId id, BlockIndex start, BlockIndex end) {
  const size_t from = BinOf(count(id));
  const size_t to = BinOf(end - start);
  if (from != to) Unlink(id, from);
  run(id).start = static_cast<uint32_t>(start.value());
  run(id).last = static_cast<uint32_t>(end.value() - 1);
  if (from != to) Link(id, to);
}

void FreeRuns::Clear() { *this = FreeRuns(); }

RunId FreeRuns::FindFit(BlockCount wanted) const {
  const size_t bin = BinOf(wanted);
  RunId id = heads_[bin];
  for (int probes = 0; id != kNoRun && probes < kProbesMax; ++probes, id = run(id).next) {
    if (CountOf(run(id)) >= wanted.value()) return id;
  }
  const size_t next = NextBin(bin + 1);
  return next == kBins ? kNoRun : heads_[next];
}

RunId FreeRuns::FindLargest() const {
  if (words_ == 0) return kNoRun;
  const size_t word = static_cast<size_t>(std::bit_width(words_)) - 1;
  return heads_[word * kWordBits + static_cast<size_t>(std::bit_width(mask_[word])) - 1];
}

RunId FreeRuns::TakeUnused() {
  if (unused_ == kNoRun) {
    if (ids_ % kPageRuns == 0) pages_.push_back(std::make_unique<Run[]>(kPageRuns));
    return ids_++;
  }
  const RunId id = unused_;
  unused_ = run(id).next;
  return id;
}

void FreeRuns::Link(RunId id, size_t bin) {
  const RunId next = heads_[bin];
  run(id).previous = kNoRun;
  run(id).next = next;
  if (next != kNoRun) run(next).previous = id;
  heads_[bin] = id;
  mask_[bin / kWordBits] |= uint64_t{1} << (bin % kWordBits);
  words_ |= uint32_t{1} << (bin / kWordBits);
}

void FreeRuns::Unlink(RunId id, size_t bin) {
  const Run& gone = run(id);
  if (gone.next != kNoRun) run(gone.next).previous = gone.previous;
  if (gone.previous != kNoRun) {
    run(gone.previous).next = gone.next;
    return;
  }
  heads_[bin] = gone.next;
  if (gone.next != kNoRun) return;
  mask_[bin / kWordBits] &= ~(uint64_t{1} << (bin % kWordBits));
  if (mask_[bin / kWordBits] == 0) words_ &= ~(uint32_t{1} << (bin / kWordBits));
}

size_t FreeRuns::NextBin(size_t bin) const {
  const size_t word = bin / kWordBits;
  const uint64_t bits = mask_[word] & (~uint64_t{0} << (bin % kWordBits));
  if (bits != 0) return word * kWordBits + static_cast<size_t>(std::countr_zero(bits));
  const uint32_t words = words_ & (~uint32_t{1} << word);
  if (words == 0) return kBins;
  const auto next = static_cast<size_t>(std::countr_zero(words));
  return next * kWordBits + static_cast<size_t>(std::countr_zero(mask_[next]));
}

void FreeRuns::CheckInvariants() const {
  for (size_t bin = 0; bin < kBins; ++bin) CheckBin(bin);
  uint64_t linked = 0;
  for (RunId head : heads_) {
    for (RunId id = head; id != kNoRun; id = run(id).next) ++linked;
  }
  uint64_t unused = 0;
  for (RunId id = unused_; id != kNoRun; id = run(id).next) ++unused;
  CHECK_EQ(linked, size_);
  CHECK_EQ(linked + unused, ids_) << "runs have leaked";
}

void FreeRuns::CheckBin(size_t bin) const {
  const bool marked = (mask_[bin / kWordBits] >> (bin % kWordBits) & 1) != 0;
  CHECK_EQ(marked, heads_[bin] != kNoRun) << "the mask lies about bin " << bin;
  CHECK_EQ((words_ >> (bin / kWordBits) & 1) != 0, mask_[bin / kWordBits] != 0);
  RunId previous = kNoRun;
  for (RunId id = heads_[bin]; id != kNoRun; previous = id, id = run(id).next) {
    CHECK_EQ(BinOf(count(id)), bin) << "the run " << start(id) << ".." << end(id) << " is in the wrong bin";
    CHECK_EQ(run(id).previous, previous);
  }
}

}  // namespace slotwise
