// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_KEY_LINES_H_
#define SLOTWISE_RAWBLOCK_CORE_KEY_LINES_H_

#include <cstddef>
#include <deque>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "rawblock/core/operation.h"

namespace slotwise {

// Puts and removals of one key go one after the other, in the order of their calls: so the last one to arrive is the
// one that stays. The first of each line is given out by Next and stays first until it leaves. Every call is amortised
// O(1). One thread; operations are borrowed while they are in line.
class KeyLines {
 public:
  // Puts `write` at the end of the line of its key.
  void Enter(Operation* write);
  // One that has become the first of its line and was not given out yet; null if there is none.
  Operation* Next();
  // The first of its line is through. REQUIRES: Next has given it out.
  void Leave(Operation* write);

  bool empty() const { return lines_.empty(); }
  // How many operations are in line, how many are the first, and how many of these wait for Next.
  size_t size() const { return size_; }
  size_t keys() const { return lines_.size(); }
  size_t due() const { return due_.size(); }
  // How many wait behind the first of their line.
  size_t followers() const { return size_ - lines_.size(); }

  // Counts again. O(operations).
  void CheckInvariants() const;

 private:
  struct Line {
    Operation* first;
    Operation* last;
  };

  absl::flat_hash_map<std::string_view, Line> lines_;  // by the key of the first
  std::deque<Operation*> due_;
  size_t size_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_KEY_LINES_H_
