// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_CORE_PARTS_H_
#define SLOTWISE_RAWBLOCK_CORE_CORE_PARTS_H_

#include <utility>

#include "iouring/device.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/commit_queue.h"
#include "rawblock/core/entries.h"
#include "rawblock/core/key_lines.h"
#include "rawblock/core/operation.h"
#include "rawblock/core/stage_timer.h"
#include "rawblock/core/turns.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/log/checkpoint.h"
#include "rawblock/log/journal.h"
#include "rawblock/log/recovery.h"
#include "slotwise/statistics.h"
#include "slotwise/store_options.h"

namespace slotwise {

// What every operation of a core works with, made of what recovery found. Must not move. `device` and `clock` are
// borrowed.
struct CoreParts {
  CoreParts(Device* device_to_use, Clock* clock, const CoreOptions& options, RecoveredStore* recovered)
      : device(device_to_use),
        header(recovered->header),
        journal(header.layout, header.salt, recovered->session.number, recovered->journal_next, recovered->journal_tail,
                device),
        entries(header, std::move(recovered->index), std::move(recovered->allocator), options.policy, &journal),
        checkpoint(header, recovered->session.number, &entries.index(), device),
        timer(options.observer, clock),
        turns(options.operations_in_flight_max > 0 ? options.operations_in_flight_max : device->queue_depth(),
              device->alignment(), header.layout.block_bytes),
        commits(&journal, &checkpoint, options.commit_interval, recovered->report.checkpoint_sequence, &operations,
                &timer) {
    statistics.flushes = recovered->flushes;
  }
  CoreParts(const CoreParts&) = delete;
  CoreParts& operator=(const CoreParts&) = delete;

  Device* const device;
  const StoreHeader header;
  Journal journal;
  Entries entries;
  CheckpointWriter checkpoint;
  Operations operations;
  KeyLines lines;
  StageTimer timer;
  Turns turns;
  CommitQueue commits;
  Statistics statistics;  // what is counted by nobody else
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_CORE_PARTS_H_
