// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_STORES_STORE_SUMMARY_H_
#define SLOTWISE_TOOLS_STORES_STORE_SUMMARY_H_

#include <cstdint>
#include <map>
#include <string>

#include "nlohmann/json.hpp"
#include "rawblock/core/raw_block_core.h"

namespace slotwise {

// What the entries of a store are like, and how they cut up its space.
struct StoreSummary {
  // Payloads of one kind.
  struct Bin {
    uint64_t payloads = 0;
    uint64_t payload_bytes = 0;
    uint64_t occupied_bytes = 0;
  };

  std::map<uint64_t, Bin> by_size;    // from this many bytes, a power of two, to below twice as many
  std::map<uint64_t, Bin> by_class;   // by the bytes of the slot; empty for an engine without classes
  std::map<uint64_t, Bin> by_pieces;  // by the number of extents
  uint64_t free_bytes = 0;
  uint64_t free_runs = 0;  // of blocks that no entry occupies
  uint64_t free_run_bytes_max = 0;

  // The part of the free space that is not in its largest run: 0 is none, 1 is
  // dust. 0 in a full store.
  double fragmentation() const;
};

// O(entries log entries).
StoreSummary SummarizeStore(const RawBlockCore& core);

// For people: a line and up to three tables.
std::string DescribeSummary(const StoreSummary& summary);

nlohmann::ordered_json SummaryJson(const StoreSummary& summary);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_STORES_STORE_SUMMARY_H_
