// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_EVICTION_REPORT_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_EVICTION_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tools/experiments/eviction_simulator.h"

namespace slotwise {

// A policy with a capacity, and what came of it.
struct EvictionRun {
  std::string policy;
  uint64_t capacity = 0;  // bytes, or objects with ignore_size
  EvictionResult result;
};

// What `experiments eviction` found, and what it takes to find it again.
struct EvictionReport {
  std::string trace;         // the path of the file
  std::string trace_sha256;  // of the file as it is on the disk, compressed or not
  std::string trace_format;
  std::string model;  // this and the next two shape a mooncake trace, and no other
  std::string compression;
  bool save_partial = false;
  uint64_t seed = 0;
  bool ignore_size = false;
  std::string commit;             // that the program was built from
  uint64_t skipped_requests = 0;  // for objects without bytes; in no run
  uint64_t requested_bytes = 0;   // by all requests of a run together
  std::vector<EvictionRun> runs;  // each saw the same requests
};

// For programs: one object, whose member "runs" has an element per run, ending
// in a line end. Ratios are between 0 and 1; one whose denominator is zero is 0.
std::string FormatEvictionJson(const EvictionReport& report);

// The runs for programs that prefer comma-separated values: a header, then a
// line per run. Ratios have nine digits after the point.
std::string FormatEvictionCsv(const EvictionReport& report);

// The runs for people: a row each.
std::string FormatEvictionTable(const EvictionReport& report);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_EVICTION_REPORT_H_
