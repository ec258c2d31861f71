// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/removes.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"

namespace slotwise {

// Whoever waits already goes first.
void Removes::Begin(Operation* remove) {
  if (!waiting_.empty() || !TryFinish(remove)) waiting_.push_back(remove);
}

void Removes::Retry() {
  while (!waiting_.empty() && TryFinish(waiting_.front())) waiting_.pop_front();
}

bool Removes::TryFinish(Operation* remove) {
  if (const absl::Status& failure = parts_->commits.failure(); !failure.ok()) {
    Refuse(remove, failure);
    return true;
  }
  const std::optional<EntryId> entry = parts_->entries.Find(remove->key);
  if (!entry.has_value()) {
    Refuse(remove, absl::NotFoundError("no entry of this key"));
  } else if (parts_->entries.entry(*entry).pins > 0 && !remove->remove_options.force) {
    Refuse(remove, absl::FailedPreconditionError("the entry is pinned; unpin it or force the removal"));
  } else if (parts_->commits.Behind()) {
    return false;
  } else {
    Finish(remove, *entry);
  }
  return true;
}

void Removes::Finish(Operation* remove, EntryId entry) {
  ++parts_->statistics.removes;
  parts_->entries.Remove(entry);
  parts_->lines.Leave(remove);
  parts_->commits.Acknowledge(remove, remove->remove_options.durability);
}

void Removes::Refuse(Operation* remove, absl::Status status) {
  parts_->lines.Leave(remove);
  parts_->operations.Complete(remove, std::move(status));
}

}  // namespace slotwise
