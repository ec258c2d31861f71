// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_WORKLOAD_H_
#define SLOTWISE_TOOLS_TRACES_WORKLOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/traces/trace_request.h"

namespace slotwise {

// The requests to replay, and where they come from.
struct Workload {
  std::vector<TraceRequest> requests;  // at least one
  std::string source;                  // the path of the trace, or "generated"
  std::string sha256;                  // of the trace file; of the file that would hold a generated trace
};

// The first `requests_max` requests of the trace file `trace`, or all if 0.
// Errors as ReadMooncakeTrace.
absl::StatusOr<Workload> ReadWorkload(const std::string& trace, uint64_t requests_max);

// About how much memory a generated request takes.
inline constexpr uint64_t kGeneratedRequestBytes = 320;

// `requests` generated requests, or as many as the public trace has if 0. All are in memory: see CheckMemory.
Workload GenerateWorkload(uint64_t seed, uint64_t requests);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_WORKLOAD_H_
