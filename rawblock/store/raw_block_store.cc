// SPDX-License-Identifier: Apache-2.0
#include "slotwise/raw_block_store.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "iouring/open_device.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/store/batch.h"
#include "rawblock/store/jobs.h"
#include "rawblock/store/same_file.h"
#include "rawblock/store/shard.h"
#include "rawblock/store/shard_map.h"

namespace slotwise {
namespace {

// The result of a job that only ends well or not.
using StatusBatch = Batch<absl::Status>;

absl::Status FirstError(const std::vector<absl::Status>& statuses) {
  absl::Status first;
  for (const absl::Status& status : statuses) first.Update(status);
  return first;
}

RawBlockStore::ShardSource SourceOf(const std::string& path, const RawBlockStoreOptions& options) {
  auto open = [path, device = options.device,
               memory = options.registered_memory](int wake_fd) mutable -> absl::StatusOr<std::unique_ptr<Device>> {
    device.wake_fd = wake_fd;
    absl::StatusOr<OpenedDevice> opened = OpenDevice(path, device);
    if (!opened.ok()) return opened.status();
    if (opened->uring != nullptr && !memory.empty()) {
      if (absl::Status registered = opened->uring->Register(memory); !registered.ok()) return registered;
    }
    return std::move(opened->device);
  };
  return {.name = path, .open = std::move(open)};
}

// OK if each is a store of its own.
absl::Status CheckDistinct(const std::vector<std::unique_ptr<Shard>>& shards) {
  std::set<Uuid> seen;
  for (const auto& shard : shards) {
    const Uuid& uuid = shard->header().uuid;
    if (seen.insert(uuid).second) continue;
    return absl::InvalidArgumentError(absl::StrCat("the store ", UuidString(uuid), " is there twice; ",
                                                   shard->metrics().path, " is one of its copies"));
  }
  return absl::OkStatus();
}

std::unique_ptr<const ShardMap> MapOf(const std::vector<std::unique_ptr<Shard>>& shards) {
  std::vector<ShardMap::Identity> identities;
  for (const auto& shard : shards) {
    const StoreHeader& header = shard->header();
    identities.push_back(
        {.uuid = header.uuid, .capacity_bytes = header.layout.data_blocks * uint64_t{header.layout.block_bytes}});
  }
  return std::make_unique<const ShardMap>(identities);
}

// Else the second would find the device in use, by this process.
absl::Status CheckPathsDiffer(std::span<const std::string> paths) {
  for (size_t i = 0; i < paths.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (!SameFile(paths[i], paths[j])) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(paths[j], " and ", paths[i], " are one device; name each device once"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<RawBlockStore>> RawBlockStore::Open(std::span<const std::string> paths,
                                                                   const RawBlockStoreOptions& options) {
  if (absl::Status status = CheckPathsDiffer(paths); !status.ok()) return status;
  std::vector<ShardSource> sources;
  for (const std::string& path : paths) sources.push_back(SourceOf(path, options));
  return OpenShards(std::move(sources), options);
}

absl::StatusOr<std::unique_ptr<RawBlockStore>> RawBlockStore::OpenShards(std::vector<ShardSource> sources,
                                                                         const RawBlockStoreOptions& options) {
  if (sources.empty()) return absl::InvalidArgumentError("no device: a store needs at least one");
  const ShardOptions shard_options{.core = options.core,
                                   .queued_operations_max = options.queued_operations_max,
                                   .stalled_after = options.stalled_after};
  std::vector<std::unique_ptr<Shard>> shards;
  for (ShardSource& source : sources) {
    absl::StatusOr<std::unique_ptr<Shard>> shard =
        Shard::Create(std::move(source.name), std::move(source.open), shard_options);
    if (!shard.ok()) return shard.status();
    shards.push_back(*std::move(shard));
  }
  absl::Status opened;
  for (const auto& shard : shards) opened.Update(shard->AwaitOpen());
  if (opened.ok()) opened = CheckDistinct(shards);
  if (!opened.ok()) return opened;
  return std::unique_ptr<RawBlockStore>(new RawBlockStore(std::move(shards)));
}

RawBlockStore::RawBlockStore(std::vector<std::unique_ptr<Shard>> shards)
    : shards_(std::move(shards)), map_(MapOf(shards_)) {}

RawBlockStore::~RawBlockStore() {
  for (std::unique_ptr<Shard>& shard : shards_) {
    if (!shard->InFork()) continue;
    shard->Leave();
    static_cast<void>(shard.release());
  }
}

// --- Batches -----------------------------------------------------------------------

void RawBlockStore::PutMany(std::span<const PutRequest> requests, const PutOptions& options, PutManyDone done) {
  std::vector<Job> jobs;
  jobs.reserve(requests.size());
  for (const PutRequest& request : requests) {
    jobs.push_back(JobFor(request.key));
    // Only read: the core takes it as const again.
    jobs.back().memory = {const_cast<std::byte*>(request.payload.data()), request.payload.size()};
  }
  using PutBatch = Batch<absl::StatusOr<PutOutcome>>;
  Post(new PutBatch(
           std::move(jobs),
           [options](RawBlockCore* core, const Job& job, PutBatch::Answer answer) {
             core->Put(job.key, job.memory, options, std::move(answer));
           },
           std::move(done)),
       &Shard::Post);
}

void RawBlockStore::GetMany(std::span<const GetRequest> requests, GetManyDone done) {
  std::vector<Job> jobs;
  jobs.reserve(requests.size());
  for (const GetRequest& request : requests) {
    jobs.push_back(JobFor(request.key));
    jobs.back().memory = request.destination;
  }
  using GetBatch = Batch<absl::StatusOr<uint64_t>>;
  Post(new GetBatch(
           std::move(jobs),
           [](RawBlockCore* core, const Job& job, GetBatch::Answer answer) {
             core->Get(job.key, job.memory, std::move(answer));
           },
           std::move(done)),
       &Shard::Post);
}

void RawBlockStore::ExistsMany(std::span<const std::string_view> keys, Pinning pinning, ExistsManyDone done) {
  using ExistsBatch = Batch<absl::StatusOr<Found>>;
  Post(new ExistsBatch(
           JobsFor(keys),
           [pinning](RawBlockCore* core, const Job& job, ExistsBatch::Answer answer) {
             const std::optional<uint64_t> payload_bytes = core->Exists(job.key);
             if (!payload_bytes.has_value()) return answer(absl::Status(absl::StatusCode::kNotFound, ""));
             Found found{.payload_bytes = *payload_bytes};
             if (pinning == Pinning::kPin) found.pin = StorePin{.shard = job.shard, .pin = *core->PinKey(job.key)};
             answer(found);
           },
           std::move(done)),
       &Shard::Post);
}

void RawBlockStore::RemoveMany(std::span<const std::string_view> keys, const RemoveOptions& options,
                               RemoveManyDone done) {
  Post(new StatusBatch(
           JobsFor(keys),
           [options](RawBlockCore* core, const Job& job, StatusBatch::Answer answer) {
             core->Remove(job.key, options, std::move(answer));
           },
           std::move(done)),
       &Shard::Post);
}

void RawBlockStore::Unpin(std::span<const StorePin> pins) {
  std::vector<Job> jobs;
  for (const StorePin& pin : pins) jobs.push_back({.shard = pin.shard, .pin = pin.pin});
  Post(new StatusBatch(
           std::move(jobs),
           [](RawBlockCore* core, const Job& job, StatusBatch::Answer answer) {
             core->Unpin(job.pin);
             answer(absl::OkStatus());
           },
           [](const std::vector<absl::Status>&) {}),
       &Shard::PostAlways);
}

void RawBlockStore::Flush(Done done) {
  std::vector<Job> jobs;
  for (uint32_t shard = 0; shard < shards_.size(); ++shard) jobs.push_back({.shard = shard});
  Post(new StatusBatch(
           std::move(jobs),
           [](RawBlockCore* core, const Job& /*job*/, StatusBatch::Answer answer) { core->Flush(std::move(answer)); },
           [done = std::move(done)](const std::vector<absl::Status>& statuses) mutable { done(FirstError(statuses)); }),
       &Shard::Post);
}

Job RawBlockStore::JobFor(std::string_view key) const {
  return {.shard = static_cast<uint32_t>(map_->ShardOf(key)), .key = key};
}

std::vector<Job> RawBlockStore::JobsFor(std::span<const std::string_view> keys) const {
  std::vector<Job> jobs;
  jobs.reserve(keys.size());
  for (const std::string_view key : keys) jobs.push_back(JobFor(key));
  return jobs;
}

void RawBlockStore::Post(AnyBatch* batch, PostToShard post) {
  if (batch->jobs().empty()) return batch->Finish();
  std::vector<std::vector<Job*>> by_shard(shards_.size());
  for (Job& job : batch->jobs()) by_shard[job.shard].push_back(&job);
  for (size_t shard = 0; shard < by_shard.size(); ++shard) {
    if (!by_shard[shard].empty()) PostOrFail(shard, &by_shard[shard], post);
  }
}

// After the last job of a batch the batch may be gone.
void RawBlockStore::PostOrFail(size_t shard, std::vector<Job*>* jobs, PostToShard post) {
  const absl::Status posted = (*shards_[shard].*post)(jobs);
  if (posted.ok()) return;
  for (const Job* job : *jobs) job->batch->Fail(*job, posted);
  jobs->front()->batch->CountDown(jobs->size());
}

absl::Status RawBlockStore::Close() {
  absl::Status closed;
  for (const auto& shard : shards_) closed.Update(shard->Close());
  return closed;
}

uint32_t RawBlockStore::alignment() const {
  uint32_t alignment = 1;
  for (const auto& shard : shards_) alignment = std::max(alignment, shard->alignment());
  return alignment;
}

uint32_t RawBlockStore::max_key_bytes() const {
  uint32_t bytes = shards_.front()->header().max_key_bytes;
  for (const auto& shard : shards_) bytes = std::min(bytes, shard->header().max_key_bytes);
  return bytes;
}

StoreMetrics RawBlockStore::metrics() const {
  StoreMetrics metrics;
  for (const auto& shard : shards_) metrics.shards.push_back(shard->metrics());
  return metrics;
}

}  // namespace slotwise
