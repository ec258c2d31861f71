// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_CACHE_TRACE_H_
#define SLOTWISE_TOOLS_TRACES_CACHE_TRACE_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/traces/cache_request.h"
#include "tools/traces/chunk_stream.h"

namespace slotwise {

// How a trace is written down.
enum class TraceFormat {
  kMooncake,       // prompts: see MooncakeTraceReader
  kOracleGeneral,  // see OracleGeneralReader
  kCsv,            // see CsvTraceReader
};

// "mooncake", "oracle_general" or "csv"; InvalidArgument that lists them otherwise.
absl::StatusOr<TraceFormat> TraceFormatFromName(const std::string& name);

// How to read a trace of objects.
struct CacheTraceOptions {
  TraceFormat format = TraceFormat::kMooncake;
  uint64_t requests_max = std::numeric_limits<uint64_t>::max();  // read no more: prompts, records or lines
  bool ignore_size = false;                                      // then objects may have no bytes
};

// How many requests a simulation takes.
inline constexpr uint64_t kCacheRequestsMax = 4'000'000'000;

// A trace, object by object.
struct CacheTrace {
  std::vector<CacheRequest> requests;  // 1 to kCacheRequestsMax; all sizes together are below 2^64
  uint64_t skipped = 0;                // requests for objects of no bytes, left out
};

// The trace in the file at `path`, which may be compressed: see OpenTraceFile.
// A prompt becomes one request per object of its chunks, as `chunks` makes them;
// other formats do not need it.
//
// An object without bytes can be no payload, and takes no part of a capacity in
// bytes: requests for it are skipped and counted, as in libCacheSim, unless
// sizes are ignored.
//
// NotFound or InvalidArgument, with file and line or byte offset, if the file
// cannot be opened, has no request or something bad among what is read.
absl::StatusOr<CacheTrace> ReadCacheTrace(const std::string& path, const CacheTraceOptions& options,
                                          const ChunkStream& chunks);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_CACHE_TRACE_H_
