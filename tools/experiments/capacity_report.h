// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_REPORT_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tools/experiments/capacity_result.h"

namespace slotwise {

// Which question a run belongs to.
enum class Sweep : uint8_t {
  kEngines,      // every scenario and capacity, the engines that are compared
  kCapacities,   // hit ratio against capacity
  kClasses,      // classes per doubling, full slots, rebinding
  kShare,        // the Partial share, with and without fallback
  kReservation,  // what Partial leaves to Full
  kSegments,     // segment sizes
  kScatter,      // extents per payload
};

// "engines", "capacities", "classes", "share", "reservation", "segments", "scatter".
std::string SweepName(Sweep sweep);

struct CapacityRun {
  Sweep sweep = Sweep::kEngines;
  std::string scenario;
  double capacity_fraction = 0;  // of the scenario's working set
  std::string engine;            // CapacityEngine::name
  bool is_default = false;       // the engine that a store has when nothing else is said
  std::string unsuited;          // why the engine cannot serve the scenario; else empty
  CapacityResult result;         // of no meaning if unsuited
};

// What one policy missed of a scenario's objects, with the capacity in bytes and no
// fragmentation.
struct PolicyRun {
  std::string scenario;
  double capacity_fraction = 0;
  std::string policy;  // "lru", ..., "belady"
  uint64_t requests = 0;
  uint64_t misses = 0;
};

// How many objects of a scenario have sizes in [bytes, bytes * 2^(1/4)).
struct SizeBucket {
  uint64_t bytes = 0;
  uint64_t objects = 0;
};

struct ScenarioSummary {
  std::string name;
  uint64_t objects = 0;
  uint64_t working_set_bytes = 0;
  std::vector<SizeBucket> sizes;  // ascending; empty buckets left out
};

// How many times the capacity of the default engine a store of fixed slots needs for
// the same prefix-token hit ratio.
struct CapacityGain {
  std::string scenario;
  double capacity_fraction = 0;
  bool uncompressed_slot = false;  // the slot is of the largest payload before compression
  double gain = 0;
};

// Everything that `experiments capacity` found, and what it was asked.
struct CapacityReport {
  std::string trace;  // the path, or "generated"
  std::string trace_sha256;
  uint64_t requests = 0;
  uint64_t seed = 0;
  std::string commit;
  std::string policy;
  double free_low = 0;  // the watermarks, parts of the capacity
  double free_high = 0;
  std::vector<ScenarioSummary> scenarios;
  std::vector<CapacityRun> runs;
  std::vector<PolicyRun> policies;
  std::vector<CapacityGain> gains;
};

// Parts of what was wanted.
double TokenHitRatio(const CapacityResult& result);
double ObjectHitRatio(const CapacityResult& result);
double ByteHitRatio(const CapacityResult& result);

// A table of the runs of Sweep::kEngines for people, and the gains.
std::string FormatCapacityTable(const CapacityReport& report);
// {"trace": ..., "runs": [...], "policies": [...], "gains": [...]}; every field by its name above.
std::string FormatCapacityJson(const CapacityReport& report);
// One line per run under a line of names.
std::string FormatCapacityCsv(const CapacityReport& report);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_REPORT_H_
