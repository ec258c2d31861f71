// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/replay_command.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <set>
#include <span>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "allocator/allocator_options.h"
#include "iouring/aligned_buffer.h"
#include "iouring/open_device.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/disk/layout.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/eviction/eviction_policies.h"
#include "rawblock/make/format_plan.h"
#include "rawblock/store/output_file.h"
#include "rawblock/store/same_file.h"
#include "tools/base/command_line.h"
#include "tools/base/memory_limit.h"
#include "tools/base/progress_bar.h"
#include "tools/replay/replay_report.h"
#include "tools/replay/replay_result.h"
#include "tools/replay/trace_replayer.h"
#include "tools/stores/store_plan.h"
#include "tools/traces/chunk_stream.h"
#include "tools/traces/payload_sizer.h"
#include "tools/traces/trace_request.h"
#include "tools/traces/workload.h"

namespace slotwise {
namespace {

constexpr uint64_t kArenaBytesMax = uint64_t{1} << 30;
constexpr size_t kArenaAlignment = 4096;

// Everything a replay needs, examined; nothing has been changed yet.
struct ReplayPlan {
  Workload workload;
  PayloadSizer sizer;
  std::vector<StorePlan> stores;
  EvictionPolicyKind policy;
};

// "fixed,slab": known engines, each once.
absl::StatusOr<std::vector<std::string>> ParseEngines(const std::string& text) {
  const std::vector<std::string> names = absl::StrSplit(text, ',');
  for (const std::string& name : names) {
    if (absl::Status status = EngineFromName(name).status(); !status.ok()) return status;
  }
  if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) return names;
  return absl::InvalidArgumentError("--compare names an engine twice; name each once");
}

// The store of each engine that is compared.
absl::StatusOr<std::vector<StoreArguments>> StoresToCompare(const ReplayArguments& arguments) {
  const absl::StatusOr<std::vector<std::string>> engines = ParseEngines(arguments.compare);
  if (!engines.ok()) return engines.status();
  const std::string& device = arguments.store.device;
  std::error_code error;
  const bool block_device = std::filesystem::is_block_file(device, error);
  if (block_device && !arguments.store.force) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--compare formats ", device, " for each engine, and loses what it holds; add --force to allow that"));
  }
  std::vector<StoreArguments> stores;
  for (const std::string& engine : *engines) {
    stores.push_back(arguments.store);
    stores.back().allocator = engine;
    if (!block_device) stores.back().device = absl::StrCat(device, ".", engine);
  }
  return stores;
}

absl::StatusOr<StorePlan> PlanStore(const StoreArguments& store, const ReplayArguments& arguments) {
  absl::StatusOr<StoreRequest> request = MakeStoreRequest(store);
  if (!request.ok()) return request.status();
  request->queue_depth = arguments.queue_depth;
  if (arguments.compare.empty()) return PlanStoreToUse(*request);
  std::error_code error;
  if (!request->force && std::filesystem::exists(request->path, error)) {
    return absl::AlreadyExistsError(
        absl::StrCat(request->path, " exists, and --compare needs a fresh store; remove it or add --force"));
  }
  return PlanStoreToFormat(*request);
}

absl::StatusOr<std::vector<StorePlan>> PlanStores(const ReplayArguments& arguments) {
  const absl::StatusOr<std::vector<StoreArguments>> stores =
      arguments.compare.empty() ? std::vector<StoreArguments>{arguments.store} : StoresToCompare(arguments);
  if (!stores.ok()) return stores.status();
  std::vector<StorePlan> plans;
  for (const StoreArguments& store : *stores) {
    absl::StatusOr<StorePlan> plan = PlanStore(store, arguments);
    if (!plan.ok()) return plan.status();
    plans.push_back(*std::move(plan));
  }
  return plans;
}

// That no store is made of the trace, and that the report goes over neither.
absl::Status CheckFiles(const ReplayArguments& arguments, std::span<const StorePlan> stores) {
  std::vector<std::string> kept = {arguments.trace};
  for (const StorePlan& store : stores) {
    if (SameFile(store.path, arguments.trace)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--trace and --device are one file, ", store.path, "; name another --device"));
    }
    kept.push_back(store.path);
  }
  const absl::Status checked = CheckOutputFiles({arguments.json}, kept);
  return checked.ok() ? checked : InOption("--json", checked);
}

// Of what the options decide.
absl::Status CheckMemoryTaken(const ReplayArguments& arguments, const PayloadSizer& sizer) {
  const ChunkSizes sizes = ChunkSizesOf(sizer);
  const uint64_t largest = *std::max_element(sizes.largest.begin(), sizes.largest.end());
  const uint64_t buffers = std::clamp<uint64_t>(kArenaBytesMax / largest, 1, arguments.queue_depth);
  absl::Status status = CheckMemory(absl::StrCat("--queue_depth ", arguments.queue_depth), buffers, largest);
  if (!arguments.trace.empty()) return status;
  status.Update(
      CheckMemory(absl::StrCat("--requests ", arguments.requests), arguments.requests, kGeneratedRequestBytes));
  return status;
}

absl::StatusOr<ReplayPlan> PlanReplay(const ReplayArguments& arguments) {
  const absl::StatusOr<PayloadSizer> sizer = MakePayloadSizer(arguments.store, arguments.seed);
  if (!sizer.ok()) return sizer.status();
  if (absl::Status status = CheckMemoryTaken(arguments, *sizer); !status.ok()) return status;
  const absl::StatusOr<EvictionPolicyKind> policy = EvictionPolicyFromName(arguments.policy);
  if (!policy.ok()) return policy.status();
  absl::StatusOr<std::vector<StorePlan>> stores = PlanStores(arguments);
  if (!stores.ok()) return stores.status();
  if (absl::Status status = CheckFiles(arguments, *stores); !status.ok()) return status;
  absl::StatusOr<Workload> workload = arguments.trace.empty() ? GenerateWorkload(arguments.seed, arguments.requests)
                                                              : ReadWorkload(arguments.trace, arguments.requests);
  if (!workload.ok()) return workload.status();
  return ReplayPlan{*std::move(workload), *sizer, *std::move(stores), *policy};
}

ReplayConfig MakeConfig(const ReplayArguments& arguments, const ReplayPlan& plan, const StorePlan& store,
                        const StoreHeader& header) {
  return {.allocator = std::string(EngineName(header.allocator.engine)),
          .policy = arguments.policy,
          .durability = arguments.durability,
          .model = arguments.store.model,
          .scale = arguments.store.scale,
          .compression = arguments.store.compression,
          .save_partial = arguments.save_partial,
          .queue_depth = arguments.queue_depth,
          .buffered = arguments.store.buffered,
          .device = store.path,
          .capacity_bytes = header.layout.device_bytes,
          .data_bytes = header.layout.data_blocks * header.layout.block_bytes,
          .block_bytes = header.layout.block_bytes,
          .max_entries = header.max_entries,
          .trace = plan.workload.source,
          .trace_sha256 = plan.workload.sha256,
          .seed = arguments.seed};
}

// Plays all requests; a bar on standard error follows them.
absl::Status ReplayAll(const ReplayPlan& plan, const ChunkStream& stream, const std::string& label, Clock* clock,
                       TraceReplayer* replayer) {
  ProgressBar bar(stderr, label, "requests", plan.workload.requests.size());
  for (size_t i = 0; i < plan.workload.requests.size(); ++i) {
    const TraceRequest& request = plan.workload.requests[i];
    if (absl::Status status = replayer->Replay(stream.Chunks(request), request.input_length); !status.ok()) {
      return absl::Status(status.code(), absl::StrCat("request ", i + 1, ": ", status.message()));
    }
    bar.Update(i + 1, clock->Now());
  }
  return absl::OkStatus();
}

// The largest payload, in whole blocks.
size_t BufferBytes(const PayloadSizer& sizer, const Layout& layout) {
  const ChunkSizes sizes = ChunkSizesOf(sizer);
  const uint64_t largest = *std::max_element(sizes.largest.begin(), sizes.largest.end());
  return layout.BlocksFor(largest).value() * layout.block_bytes;
}

// A buffer per operation in flight, as far as kArenaBytesMax goes, known to the ring.
absl::Status AllocateArena(int queue_depth, size_t buffer_bytes, OpenedDevice* opened, AlignedBuffer* arena) {
  const uint64_t buffers = std::clamp<uint64_t>(kArenaBytesMax / buffer_bytes, 1, queue_depth);
  *arena = AlignedBuffer(buffers * buffer_bytes, kArenaAlignment);
  return opened->uring == nullptr ? absl::OkStatus() : opened->uring->Register(arena->span());
}

// `arena` is of this function's making and outlives the device.
absl::StatusOr<ReplayRun> ReplayOn(OpenedDevice* opened, const ReplayArguments& arguments, const ReplayPlan& plan,
                                   const StorePlan& store, AlignedBuffer* arena) {
  SystemClock clock;
  const CoreOptions options{.policy = plan.policy};
  const absl::StatusOr<std::unique_ptr<RawBlockCore>> core = RawBlockCore::Open(opened->device.get(), &clock, options);
  if (!core.ok()) return core.status();
  const ReplayConfig config = MakeConfig(arguments, plan, store, (*core)->header());
  const size_t buffer_bytes = BufferBytes(plan.sizer, (*core)->header().layout);
  const absl::Status allocated = AllocateArena(arguments.queue_depth, buffer_bytes, opened, arena);
  if (!allocated.ok()) return allocated;
  const Durability durability = arguments.durability == "durable" ? Durability::kDurable : Durability::kBatched;
  TraceReplayer replayer(core->get(), &clock, arena->span(), {.durability = durability, .buffer_bytes = buffer_bytes},
                         /*observer=*/nullptr);
  const ChunkStream stream(plan.sizer, arguments.save_partial ? Chunking::kPartialTail : Chunking::kFull);
  if (absl::Status status = ReplayAll(plan, stream, config.allocator, &clock, &replayer); !status.ok()) return status;
  if (absl::Status status = (*core)->Close(); !status.ok()) return status;
  return ReplayRun{config, replayer.result()};
}

ExitCode Report(std::span<const ReplayRun> runs, const std::string& json) {
  std::cout << FormatReplayTable(runs);
  if (!json.empty()) {
    if (absl::Status status = WriteOutputFile(json, FormatReplayJson(runs)); !status.ok()) {
      return Fail(status, ExitCode::kFailed);
    }
  }
  const bool right = std::all_of(runs.begin(), runs.end(), [](const ReplayRun& run) {
    return run.result.wrong_bytes == 0 && run.result.checksum_failures == 0;
  });
  if (right) return ExitCode::kDone;
  return Fail(absl::DataLossError("the store returned wrong bytes or failed checksums; the table says how many"));
}

}  // namespace

ExitCode RunReplay(const ReplayArguments& arguments) {
  const absl::StatusOr<ReplayPlan> plan = PlanReplay(arguments);
  if (!plan.ok()) return Fail(plan.status());
  std::vector<ReplayRun> runs;
  for (const StorePlan& store : plan->stores) {
    AlignedBuffer arena;
    absl::StatusOr<OpenedDevice> opened = OpenPlannedStore(store);
    if (!opened.ok()) return Fail(opened.status());
    const absl::StatusOr<ReplayRun> run = ReplayOn(&*opened, arguments, *plan, store, &arena);
    if (!run.ok()) return Fail(run.status(), ExitCode::kFailed);
    runs.push_back(*run);
  }
  return Report(runs, arguments.json);
}

}  // namespace slotwise
