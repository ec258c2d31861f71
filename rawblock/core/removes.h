// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_REMOVES_H_
#define SLOTWISE_RAWBLOCK_CORE_REMOVES_H_

#include <cstddef>
#include <deque>

#include "rawblock/core/core_parts.h"
#include "rawblock/core/operation.h"
#include "rawblock/log/index.h"

namespace slotwise {

// Calls of Remove until their answer. A removal needs no turn on the device, only room in the journal for its record:
// those that wait for it have a line of their own. One thread; `parts` is borrowed.
class Removes {
 public:
  explicit Removes(CoreParts* parts) : parts_(parts) {}

  // Behind earlier puts and removals of the same key.
  void Start(Operation* remove) { parts_->lines.Enter(remove); }
  // REQUIRES: it is the first of its key.
  void Begin(Operation* remove);
  // Goes on with those that wait, from the first, as long as the journal has room. O(those).
  void Retry();

  // How many wait for the journal.
  size_t waiting() const { return waiting_.size(); }

 private:
  // False if it must wait.
  bool TryFinish(Operation* remove);
  void Finish(Operation* remove, EntryId entry);
  void Refuse(Operation* remove, absl::Status status);

  CoreParts* const parts_;
  std::deque<Operation*> waiting_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_REMOVES_H_
