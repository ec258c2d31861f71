// SPDX-License-Identifier: Apache-2.0
#include "allocator/free_runs.h"

#include "glog/logging.h"

namespace slotwise {

FreeRuns::FreeRuns() {
  for (RunId bin = 0; bin < kBins; ++bin) {
    TakeFresh();
    run(bin) = {.start = 1, .last = 0, .previous = bin, .next = bin};
  }
}

RunId FreeRuns::FindLargest() const {
  if (words_ == 0) return kNoRun;
  const size_t word = static_cast<size_t>(std::bit_width(words_)) - 1;
  const size_t bin = word * kWordBits + static_cast<size_t>(std::bit_width(mask_[word])) - 1;
  return run(static_cast<RunId>(bin)).next;
}

RunId FreeRuns::TakeFresh() {
  if (ids_ % kPageRuns == 0) pages_.push_back(std::make_unique<Run[]>(kPageRuns));
  return ids_++;
}

void FreeRuns::CheckInvariants() const {
  uint64_t linked = 0;
  for (RunId bin = 0; bin < kBins; ++bin) {
    CheckBin(bin);
    for (RunId id = run(bin).next; id != bin; id = run(id).next) ++linked;
  }
  uint64_t unused = 0;
  for (RunId id = unused_; id != kNoRun; id = run(id).next) ++unused;
  CHECK_EQ(linked, size_);
  CHECK_EQ(kBins + linked + unused, ids_) << "runs have leaked";
}

void FreeRuns::CheckBin(size_t bin) const {
  const auto ring = static_cast<RunId>(bin);
  const bool marked = (mask_[bin / kWordBits] >> (bin % kWordBits) & 1) != 0;
  CHECK_EQ(marked, run(ring).next != ring) << "the mask lies about bin " << bin;
  CHECK_EQ((words_ >> (bin / kWordBits) & 1) != 0, mask_[bin / kWordBits] != 0);
  CHECK_EQ(CountOf(run(ring)), 0u) << "the ring of bin " << bin << " has blocks of its own";
  RunId previous = ring;
  for (RunId id = run(ring).next; id != ring; previous = id, id = run(id).next) {
    CHECK_EQ(BinOf(count(id)), bin) << "the run " << start(id) << ".." << end(id) << " is in the wrong bin";
    CHECK_EQ(run(id).previous, previous);
  }
  CHECK_EQ(run(ring).previous, previous);
}

}  // namespace slotwise
