// SPDX-License-Identifier: Apache-2.0
#include "lmcache/connector_parameters.h"

#include <cmath>
#include <limits>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "allocator/allocator_options.h"
#include "iouring/open_device.h"
#include "rawblock/core/raw_block_core.h"
#include "slotwise/eviction_policy_kind.h"

namespace slotwise {
namespace {

constexpr int64_t kQueueDepthMax = 4096;
constexpr int64_t kPayloadBytesMax = std::numeric_limits<uint32_t>::max();
constexpr int64_t kCommitIntervalMsMax = 60'000;
constexpr double kMetricsIntervalMin = 0.1;
constexpr double kMetricsIntervalMax = 86'400;

absl::string_view AbslView(std::string_view text) { return {text.data(), text.size()}; }

absl::Status Wrong(absl::string_view name, absl::string_view value, absl::string_view allowed) {
  return absl::InvalidArgumentError(absl::StrCat(name, "=", value, ": must be ", allowed));
}

absl::Status CheckPath(absl::string_view name, const std::string& path) {
  if (path.find('\0') == std::string::npos) return absl::OkStatus();
  return Wrong(name, "...", "a path, which holds no NUL");
}

absl::Status CheckPaths(const std::vector<std::string>& paths) {
  if (paths.empty()) return Wrong("device_path", "[]", "a path or a list of at least one");
  for (const std::string& path : paths) {
    if (path.empty()) return Wrong("device_path", "''", "a path or a list of paths");
    if (absl::Status status = CheckPath("device_path", path); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckRange(absl::string_view name, int64_t value, int64_t min, int64_t max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return Wrong(name, absl::StrCat(value), absl::StrCat("from ", min, " to ", max));
}

absl::Status CheckMetrics(const ConnectorParameters& parameters) {
  const double interval = parameters.metrics_interval;
  if (!(interval >= kMetricsIntervalMin && interval <= kMetricsIntervalMax)) {
    return Wrong("metrics_interval", absl::StrCat(interval),
                 absl::StrCat("from ", kMetricsIntervalMin, " to ", kMetricsIntervalMax, " seconds"));
  }
  return CheckPath("metrics_path", parameters.metrics_path);
}

absl::Status CheckNumbers(const ConnectorParameters& parameters) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  absl::Status status = CheckRange("capacity_bytes", parameters.capacity_bytes, 0, kMax);
  status.Update(CheckRange("queue_depth", parameters.queue_depth, 1, kQueueDepthMax));
  status.Update(CheckRange("payload_bytes", parameters.payload_bytes, 0, kPayloadBytesMax));
  status.Update(CheckRange("commit_interval_ms", parameters.commit_interval_ms, 1, kCommitIntervalMsMax));
  return status;
}

// Sets `chosen` to the value that `text` names among all of its kind.
template <typename Kind>
absl::Status Choose(absl::string_view parameter, const std::string& text, std::span<const Kind> kinds,
                    std::string_view (*name_of)(Kind), Kind* chosen) {
  std::vector<std::string> names;
  for (const Kind kind : kinds) {
    names.emplace_back(name_of(kind));
    if (names.back() != text) continue;
    *chosen = kind;
    return absl::OkStatus();
  }
  return Wrong(parameter, absl::StrCat("'", text, "'"), absl::StrCat("one of ", absl::StrJoin(names, ", ")));
}

constexpr IoEngine kIoEngines[] = {IoEngine::kAuto, IoEngine::kUring, IoEngine::kFile};
constexpr Durability kDurabilities[] = {Durability::kBatched, Durability::kDurable};

std::string_view DurabilityName(Durability durability) {
  return durability == Durability::kBatched ? "batched" : "durable";
}

absl::Status ChooseAll(const ConnectorParameters& parameters, ConnectorOptions* options) {
  absl::Status status = Choose<AllocatorOptions::Engine>("allocator", parameters.allocator, kAllocatorEngines,
                                                         EngineName, &options->file.engine);
  status.Update(Choose<EvictionPolicyKind>("eviction", parameters.eviction, kEvictionPolicyKinds, EvictionPolicyName,
                                           &options->eviction));
  status.Update(
      Choose<Durability>("durability", parameters.durability, kDurabilities, DurabilityName, &options->durability));
  status.Update(
      Choose<IoEngine>("io_engine", parameters.io_engine, kIoEngines, IoEngineName, &options->file.device.io_engine));
  return status;
}

// Engines with slots need a payload size.
absl::Status CheckSlots(const ConnectorParameters& parameters, AllocatorOptions::Engine engine) {
  const bool slots = engine == AllocatorOptions::Engine::kFixedSlot || engine == AllocatorOptions::Engine::kSlab;
  if (!parameters.create || !slots || parameters.payload_bytes > 0) return absl::OkStatus();
  return Wrong("payload_bytes", "0",
               absl::StrCat("the size of a full payload, with allocator='", AbslView(EngineName(engine)), "'"));
}

}  // namespace

absl::StatusOr<ConnectorOptions> OptionsOf(const ConnectorParameters& parameters) {
  ConnectorOptions options;
  absl::Status status = CheckPaths(parameters.device_path);
  status.Update(CheckNumbers(parameters));
  status.Update(ChooseAll(parameters, &options));
  status.Update(CheckMetrics(parameters));
  status.Update(CheckSlots(parameters, options.file.engine));
  if (!status.ok()) return status;
  options.paths = parameters.device_path;
  options.file.create = parameters.create;
  options.file.capacity_bytes = static_cast<uint64_t>(parameters.capacity_bytes);
  options.file.payload_bytes = static_cast<uint64_t>(parameters.payload_bytes);
  options.file.device.file.buffered = parameters.buffered;
  options.file.device.queue_depth = static_cast<int>(parameters.queue_depth);
  options.commit_interval = absl::Milliseconds(parameters.commit_interval_ms);
  options.metrics_path = parameters.metrics_path;
  options.metrics_interval = absl::Seconds(parameters.metrics_interval);
  return options;
}

}  // namespace slotwise
