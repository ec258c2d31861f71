// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_STATISTICS_H_
#define SLOTWISE_STATISTICS_H_

#include <cstdint>

namespace slotwise {

// What a core has done since it was opened. Plain counters; bytes are bytes.
struct Statistics {
  uint64_t gets = 0;
  uint64_t hits = 0;
  uint64_t misses = 0;  // gets of a key that was not there
  uint64_t checksum_failures = 0;
  uint64_t read_errors = 0;

  uint64_t puts = 0;
  uint64_t stored = 0;
  uint64_t already_stored = 0;
  uint64_t refused_no_space = 0;
  uint64_t refused_no_entry = 0;  // max_entries reached
  uint64_t write_errors = 0;

  uint64_t removes = 0;
  uint64_t unpins_refused = 0;  // of pins that were not held
  uint64_t evictions = 0;
  uint64_t evicted_blocks = 0;

  uint64_t payload_bytes_read = 0;
  uint64_t payload_bytes_written = 0;
  uint64_t journal_groups = 0;
  uint64_t journal_bytes_written = 0;
  uint64_t checkpoints = 0;
  uint64_t checkpoint_bytes_written = 0;
  uint64_t flushes = 0;               // of the journal, of checkpoints and of what begins a session
  uint64_t device_bytes_written = 0;  // payloads with their padding, journal and checkpoints
};

// What a core holds now.
struct Occupancy {
  uint32_t block_bytes = 0;
  uint64_t entries = 0;
  uint64_t entries_max = 0;
  uint64_t payload_bytes = 0;         // of published entries
  uint64_t payload_blocks = 0;        // occupied by published entries
  uint64_t awaiting_free_blocks = 0;  // removed, but the removal is not durable or a read still uses them
  uint64_t bad_blocks = 0;            // writes to them have failed: they are out of use
  uint64_t free_blocks = 0;
  uint64_t capacity_blocks = 0;  // of the data region
};

}  // namespace slotwise

#endif  // SLOTWISE_STATISTICS_H_
