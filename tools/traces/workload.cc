// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/workload.h"

#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "tools/base/sha256.h"
#include "tools/traces/mooncake_trace.h"
#include "tools/traces/trace_generator.h"

namespace slotwise {
namespace {

constexpr uint64_t kPublicTraceRequests = 12031;

std::string Sha256OfRequests(const std::vector<TraceRequest>& requests) {
  Sha256 digest;
  for (const TraceRequest& request : requests) digest.Update(FormatMooncakeRequest(request) + "\n");
  return digest.Finish();
}

}  // namespace

absl::StatusOr<Workload> ReadWorkload(const std::string& trace, uint64_t requests_max) {
  absl::StatusOr<std::vector<TraceRequest>> requests =
      ReadMooncakeTrace(trace, requests_max == 0 ? std::numeric_limits<uint64_t>::max() : requests_max);
  if (!requests.ok()) return requests.status();
  absl::StatusOr<std::string> sha256 = Sha256OfFile(trace);
  if (!sha256.ok()) return sha256.status();
  return Workload{*std::move(requests), trace, *std::move(sha256)};
}

Workload GenerateWorkload(uint64_t seed, uint64_t requests) {
  std::vector<TraceRequest> generated = GenerateTrace(seed, requests == 0 ? kPublicTraceRequests : requests);
  std::string sha256 = Sha256OfRequests(generated);
  return {std::move(generated), "generated", std::move(sha256)};
}

}  // namespace slotwise
