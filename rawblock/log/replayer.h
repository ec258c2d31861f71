// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_LOG_REPLAYER_H_
#define SLOTWISE_RAWBLOCK_LOG_REPLAYER_H_

#include <vector>

#include "rawblock/disk/group.h"
#include "rawblock/disk/record.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/log/index.h"

namespace slotwise {

// Applies the records of journal groups and checkpoint chunks to an index, and
// rejects what no correct store can have written. One thread.
class Replayer {
 public:
  // Both borrowed.
  Replayer(const StoreHeader& header, Index* index) : header_(header), index_(index) {}

  // Applies the records of `group`, in order; false if one is invalid. Nothing is
  // applied if one cannot be decoded; a record that does not suit the store stops
  // the group. O(bytes).
  bool ApplyGroup(const Group& group);

 private:
  bool Apply(const Record& record);
  bool InBounds(const Placement& placement) const;
  bool FitsPayload(const Record& record) const;

  const StoreHeader& header_;
  Index* const index_;
  std::vector<Record> records_;  // of the group being applied
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_LOG_REPLAYER_H_
