// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/cache_trace.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tools/traces/byte_source.h"
#include "tools/traces/csv_trace.h"
#include "tools/traces/mooncake_trace.h"
#include "tools/traces/oracle_general_trace.h"
#include "tools/traces/trace_file.h"
#include "tools/traces/trace_request.h"

namespace slotwise {
namespace {

// Collects requests under the rules of CacheTraceOptions.
class Collector {
 public:
  explicit Collector(bool ignore_size) : ignore_size_(ignore_size) {}

  void Reserve(uint64_t requests) { trace_.requests.reserve(requests); }

  absl::Status Add(const CacheRequest& request) {
    if (request.size == 0 && !ignore_size_) {
      ++trace_.skipped;
      return absl::OkStatus();
    }
    bytes_ += request.size;
    if (bytes_ < request.size) return absl::InvalidArgumentError("the sizes up to here add up to 2^64 bytes or more");
    if (trace_.requests.size() == kCacheRequestsMax) {
      return absl::InvalidArgumentError(absl::StrCat("the trace has more than ", kCacheRequestsMax, " requests"));
    }
    trace_.requests.push_back(request);
    return absl::OkStatus();
  }

  absl::StatusOr<CacheTrace> Finish(const std::string& path) {
    if (!trace_.requests.empty()) return std::move(trace_);
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": holds no request", trace_.skipped > 0 ? " for an object that has bytes" : ""));
  }

 private:
  bool ignore_size_;
  uint64_t bytes_ = 0;
  CacheTrace trace_;
};

absl::Status Add(const CacheRequest& request, const ChunkStream&, Collector* collector) {
  return collector->Add(request);
}

absl::Status Add(const OracleGeneralRecord& record, const ChunkStream&, Collector* collector) {
  return collector->Add({record.id, record.size});
}

absl::Status Add(const TraceRequest& prompt, const ChunkStream& chunks, Collector* collector) {
  for (const Chunk& chunk : chunks.Chunks(prompt)) {
    for (const ChunkObject& object : chunk.objects) {
      if (absl::Status status = collector->Add({object.key_hash, object.payload_bytes}); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

template <typename Reader>
absl::Status AddAll(Reader reader, uint64_t requests_max, const ChunkStream& chunks, Collector* collector) {
  for (uint64_t i = 0; i < requests_max; ++i) {
    const auto next = reader.Next();
    if (!next.ok()) return next.status();
    if (!*next) break;
    if (absl::Status status = Add(**next, chunks, collector); !status.ok()) {
      return absl::Status(status.code(), absl::StrCat(reader.Where(), status.message()));
    }
  }
  return absl::OkStatus();
}

absl::Status AddFile(ByteSource* source, const std::string& path, const CacheTraceOptions& options,
                     const ChunkStream& chunks, Collector* collector) {
  switch (options.format) {
    case TraceFormat::kMooncake:
      return AddAll(MooncakeTraceReader(source, path), options.requests_max, chunks, collector);
    case TraceFormat::kOracleGeneral:
      return AddAll(OracleGeneralReader(source, path), options.requests_max, chunks, collector);
    case TraceFormat::kCsv:
      return AddAll(CsvTraceReader(source, path), options.requests_max, chunks, collector);
  }
  return absl::InternalError("no such format");
}

// How many requests the file holds if it is not compressed; where that cannot be known before, 0.
uint64_t RequestsExpected(const std::string& path, const CacheTraceOptions& options) {
  std::error_code error;
  const uintmax_t bytes = std::filesystem::file_size(path, error);
  if (error || options.format != TraceFormat::kOracleGeneral) return 0;
  return std::min<uint64_t>(bytes / kOracleGeneralRecordBytes, options.requests_max);
}

}  // namespace

absl::StatusOr<TraceFormat> TraceFormatFromName(const std::string& name) {
  if (name == "mooncake") return TraceFormat::kMooncake;
  if (name == "oracle_general") return TraceFormat::kOracleGeneral;
  if (name == "csv") return TraceFormat::kCsv;
  return absl::InvalidArgumentError(
      absl::StrCat("no trace format is called \"", name, "\"; there are mooncake, oracle_general and csv"));
}

absl::StatusOr<CacheTrace> ReadCacheTrace(const std::string& path, const CacheTraceOptions& options,
                                          const ChunkStream& chunks) {
  const absl::StatusOr<std::unique_ptr<ByteSource>> file = OpenTraceFile(path);
  if (!file.ok()) return file.status();
  Collector collector(options.ignore_size);
  collector.Reserve(RequestsExpected(path, options));
  if (absl::Status status = AddFile(file->get(), path, options, chunks, &collector); !status.ok()) return status;
  return collector.Finish(path);
}

}  // namespace slotwise
