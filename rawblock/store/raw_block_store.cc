// SPDX-License-Identifier: Apache-2.0
#include "slotwise/raw_block_store.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "iouring/open_device.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/store/shard.h"
#include "rawblock/store/shard_map.h"
#include "rawblock/store/store_batch.h"

namespace slotwise {
namespace {

// Keys of a batch, copied into one piece of memory.
class KeyList {
 public:
  explicit KeyList(std::span<const std::string_view> keys) {
    size_t bytes = 0;
    for (const std::string_view key : keys) bytes += key.size();
    text_.reserve(bytes);
    for (const std::string_view key : keys) {
      keys_.emplace_back(text_.data() + text_.size(), key.size());
      text_.append(key);
    }
  }
  std::string_view operator[](size_t i) const { return keys_[i]; }

 private:
  std::string text_;
  std::vector<std::string_view> keys_;
};

template <typename Request>
std::vector<std::string_view> KeysOf(std::span<const Request> requests) {
  std::vector<std::string_view> keys;
  keys.reserve(requests.size());
  for (const Request& request : requests) keys.push_back(request.key);
  return keys;
}

class PutBatch final : public StoreBatch<absl::StatusOr<PutOutcome>> {
 public:
  PutBatch(std::span<const std::string_view> keys, std::span<const RawBlockStore::PutRequest> requests,
           const PutOptions& options, Done done)
      : StoreBatch(keys.size(), std::move(done)), keys_(keys), options_(options) {
    for (const RawBlockStore::PutRequest& request : requests) payloads_.push_back(request.payload);
  }
  void Start(size_t operation, uint32_t /*shard*/, RawBlockCore* core, Answer answer) override {
    core->Put(keys_[operation], payloads_[operation], options_, std::move(answer));
  }
  uint64_t BytesOf(size_t operation) const override { return payloads_[operation].size(); }
  std::optional<OperationStage> Ends(const absl::StatusOr<PutOutcome>& result) const override {
    if (!result.ok() || *result != PutOutcome::kStored) return std::nullopt;
    return OperationStage::kPut;
  }

 private:
  const KeyList keys_;
  std::vector<std::span<const std::byte>> payloads_;
  const PutOptions options_;
};

class GetBatch final : public StoreBatch<absl::StatusOr<uint64_t>> {
 public:
  GetBatch(std::span<const std::string_view> keys, std::span<const RawBlockStore::GetRequest> requests, Done done)
      : StoreBatch(keys.size(), std::move(done)), keys_(keys) {
    for (const RawBlockStore::GetRequest& request : requests) destinations_.push_back(request.destination);
  }
  void Start(size_t operation, uint32_t /*shard*/, RawBlockCore* core, Answer answer) override {
    core->Get(keys_[operation], destinations_[operation], std::move(answer));
  }
  uint64_t BytesOf(size_t operation) const override { return destinations_[operation].size(); }
  std::optional<OperationStage> Ends(const absl::StatusOr<uint64_t>& result) const override {
    if (!result.ok()) return std::nullopt;
    return OperationStage::kGet;
  }

 private:
  const KeyList keys_;
  std::vector<std::span<std::byte>> destinations_;
};

class ExistsBatch final : public StoreBatch<absl::StatusOr<RawBlockStore::Found>> {
 public:
  ExistsBatch(std::span<const std::string_view> keys, RawBlockStore::Pinning pinning, Done done)
      : StoreBatch(keys.size(), std::move(done)), keys_(keys), pinning_(pinning) {}
  void Start(size_t operation, uint32_t shard, RawBlockCore* core, Answer answer) override {
    const std::optional<uint64_t> payload_bytes = core->Exists(keys_[operation]);
    if (!payload_bytes.has_value()) return answer(absl::Status(absl::StatusCode::kNotFound, ""));
    RawBlockStore::Found found{.payload_bytes = *payload_bytes};
    if (pinning_ == RawBlockStore::Pinning::kPin) {
      found.pin = StorePin{.shard = shard, .pin = *core->PinKey(keys_[operation])};
    }
    answer(found);
  }
  uint64_t BytesOf(size_t /*operation*/) const override { return 0; }
  std::optional<OperationStage> Ends(const absl::StatusOr<RawBlockStore::Found>& /*result*/) const override {
    return std::nullopt;
  }

 private:
  const KeyList keys_;
  const RawBlockStore::Pinning pinning_;
};

// Batches whose operations only end well or not.
class StatusBatch : public StoreBatch<absl::Status> {
 public:
  using StoreBatch::StoreBatch;
  uint64_t BytesOf(size_t /*operation*/) const override { return 0; }
  std::optional<OperationStage> Ends(const absl::Status& /*result*/) const override { return std::nullopt; }
};

class RemoveBatch final : public StatusBatch {
 public:
  RemoveBatch(std::span<const std::string_view> keys, const RemoveOptions& options, Done done)
      : StatusBatch(keys.size(), std::move(done)), keys_(keys), options_(options) {}
  void Start(size_t operation, uint32_t /*shard*/, RawBlockCore* core, Answer answer) override {
    core->Remove(keys_[operation], options_, std::move(answer));
  }

 private:
  const KeyList keys_;
  const RemoveOptions options_;
};

// One operation per pin.
class UnpinBatch final : public StatusBatch {
 public:
  explicit UnpinBatch(std::span<const StorePin> pins)
      : StatusBatch(pins.size(), [](const std::vector<absl::Status>&) {}), pins_(pins.begin(), pins.end()) {}
  void Start(size_t operation, uint32_t /*shard*/, RawBlockCore* core, Answer answer) override {
    core->Unpin(pins_[operation].pin);
    answer(absl::OkStatus());
  }

 private:
  const std::vector<StorePin> pins_;
};

// One operation per shard.
class FlushBatch final : public StatusBatch {
 public:
  using StatusBatch::StatusBatch;
  void Start(size_t /*operation*/, uint32_t /*shard*/, RawBlockCore* core, Answer answer) override {
    core->Flush(std::move(answer));
  }
};

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

}  // namespace

absl::StatusOr<std::unique_ptr<RawBlockStore>> RawBlockStore::Open(std::span<const std::string> paths,
                                                                   const RawBlockStoreOptions& options) {
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

RawBlockStore::~RawBlockStore() = default;

// --- Batches -----------------------------------------------------------------------

void RawBlockStore::PutMany(std::span<const PutRequest> requests, const PutOptions& options, PutManyDone done) {
  const std::vector<std::string_view> keys = KeysOf(requests);
  Dispatch<absl::StatusOr<PutOutcome>>(std::make_shared<PutBatch>(keys, requests, options, std::move(done)), keys);
}

void RawBlockStore::GetMany(std::span<const GetRequest> requests, GetManyDone done) {
  const std::vector<std::string_view> keys = KeysOf(requests);
  Dispatch<absl::StatusOr<uint64_t>>(std::make_shared<GetBatch>(keys, requests, std::move(done)), keys);
}

void RawBlockStore::ExistsMany(std::span<const std::string_view> keys, Pinning pinning, ExistsManyDone done) {
  Dispatch<absl::StatusOr<Found>>(std::make_shared<ExistsBatch>(keys, pinning, std::move(done)), keys);
}

void RawBlockStore::RemoveMany(std::span<const std::string_view> keys, const RemoveOptions& options,
                               RemoveManyDone done) {
  Dispatch<absl::Status>(std::make_shared<RemoveBatch>(keys, options, std::move(done)), keys);
}

template <typename Result>
void RawBlockStore::Dispatch(const std::shared_ptr<StoreBatch<Result>>& batch, std::span<const std::string_view> keys) {
  std::vector<std::unique_ptr<StoreBatchPart<Result>>> parts(shards_.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    const size_t shard = map_->ShardOf(keys[i]);
    if (parts[shard] == nullptr) {
      parts[shard] = std::make_unique<StoreBatchPart<Result>>(batch, static_cast<uint32_t>(shard));
    }
    parts[shard]->Add(i);
  }
  if (keys.empty()) parts[0] = std::make_unique<StoreBatchPart<Result>>(batch, 0);
  batch->Split(static_cast<size_t>(std::ranges::count_if(parts, [](const auto& part) { return part != nullptr; })));
  Post(std::move(parts));
}

// By shard; null where a shard has no part.
template <typename Result>
void RawBlockStore::Post(std::vector<std::unique_ptr<StoreBatchPart<Result>>> parts) {
  for (size_t shard = 0; shard < parts.size(); ++shard) {
    if (parts[shard] == nullptr) continue;
    StoreBatchPart<Result>* const part = parts[shard].get();
    std::unique_ptr<ShardWork> work = std::move(parts[shard]);
    if (absl::Status posted = shards_[shard]->Post(&work); !posted.ok()) part->Refuse(posted);
  }
}

void RawBlockStore::Unpin(std::span<const StorePin> pins) {
  const auto batch = std::make_shared<UnpinBatch>(pins);
  std::vector<std::unique_ptr<StoreBatchPart<absl::Status>>> parts;
  for (uint32_t shard = 0; shard < shards_.size(); ++shard) {
    parts.push_back(std::make_unique<StoreBatchPart<absl::Status>>(batch, shard));
  }
  for (size_t i = 0; i < pins.size(); ++i) parts[pins[i].shard]->Add(i);
  batch->Split(parts.size());
  for (size_t shard = 0; shard < parts.size(); ++shard) shards_[shard]->PostAlways(std::move(parts[shard]));
}

void RawBlockStore::Flush(Done done) {
  const auto batch = std::make_shared<FlushBatch>(
      shards_.size(),
      [done = std::move(done)](const std::vector<absl::Status>& statuses) mutable { done(FirstError(statuses)); });
  std::vector<std::unique_ptr<StoreBatchPart<absl::Status>>> parts;
  for (uint32_t shard = 0; shard < shards_.size(); ++shard) {
    parts.push_back(std::make_unique<StoreBatchPart<absl::Status>>(batch, shard));
    parts.back()->Add(shard);
  }
  batch->Split(parts.size());
  Post(std::move(parts));
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
