// SPDX-License-Identifier: Apache-2.0
#include "slotwise/slotwise.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <future>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "iouring/device.h"
#include "rawblock/eviction/eviction_policies.h"
#include "slotwise/create_store.h"
#include "slotwise/raw_block_store.h"

struct slotwise_store {
  std::unique_ptr<slotwise::RawBlockStore> store;
  slotwise::Durability durability = slotwise::Durability::kBatched;
};

namespace {

constexpr char kEviction[] = "lru";

slotwise_code CodeOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return SLOTWISE_OK;
    case absl::StatusCode::kNotFound:
      return SLOTWISE_NOT_FOUND;
    case absl::StatusCode::kInvalidArgument:
      return SLOTWISE_INVALID_ARGUMENT;
    case absl::StatusCode::kOutOfRange:
      return SLOTWISE_OUT_OF_RANGE;
    case absl::StatusCode::kResourceExhausted:
      return SLOTWISE_NO_SPACE;
    case absl::StatusCode::kDataLoss:
      return SLOTWISE_DATA_LOSS;
    case absl::StatusCode::kUnavailable:
      return SLOTWISE_UNAVAILABLE;
    case absl::StatusCode::kFailedPrecondition:
      return SLOTWISE_FAILED_PRECONDITION;
    default:
      return SLOTWISE_FAILED;
  }
}

// Allocates nothing: memory may be out.
void Say(absl::string_view message, slotwise_error* error) {
  if (error == nullptr) return;
  const size_t length = std::min(message.size(), sizeof(error->message) - 1);
  std::copy_n(message.begin(), length, error->message);
  error->message[length] = '\0';
}

slotwise_code Report(const absl::Status& status, slotwise_error* error) {
  Say(status.message(), error);
  return CodeOf(status.code());
}

// What `call` returns. No exception leaves it: a caller in C, or in another language, cannot catch any.
template <typename Call>
slotwise_code Guarded(slotwise_error* error, const Call& call) noexcept {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    Say("out of memory", error);
  } catch (const std::exception& thrown) {
    Say(thrown.what(), error);
  } catch (...) {
    Say("an exception of an unknown kind", error);
  }
  return SLOTWISE_FAILED;
}

std::string_view KeyOf(const void* key, size_t key_bytes) { return {static_cast<const char*>(key), key_bytes}; }

// What the call that `start` makes is answered; of a batch of one, its only result. Shared with the answer, which may
// still come where `start` throws.
template <typename Answer, typename Start>
Answer Await(Start start) {
  const auto answer = std::make_shared<std::promise<Answer>>();
  start([answer](Answer given) { answer->set_value(std::move(given)); });
  return answer->get_future().get();
}

absl::StatusOr<slotwise::RawBlockStoreOptions> OptionsOf(const slotwise_options& options) {
  slotwise::RawBlockStoreOptions store_options;
  const absl::StatusOr<slotwise::EvictionPolicyKind> policy =
      slotwise::EvictionPolicyFromName(options.eviction == nullptr ? kEviction : options.eviction);
  if (!policy.ok()) return policy.status();
  if (options.queue_depth < 1 || options.queue_depth > slotwise::kQueueDepthMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a queue depth of ", options.queue_depth, "; it is 1 to ", slotwise::kQueueDepthMax));
  }
  store_options.core.policy = *policy;
  store_options.device.queue_depth = options.queue_depth;
  store_options.device.file.buffered = options.buffered != 0;
  return store_options;
}

// The length of what `key` has, for who brought too small a buffer for it; the entry may have gone since.
absl::StatusOr<uint64_t> LengthOf(slotwise_store* store, std::string_view key) {
  const auto found = Await<std::vector<absl::StatusOr<slotwise::RawBlockStore::Found>>>([&](auto done) {
    store->store->ExistsMany({&key, 1}, slotwise::RawBlockStore::Pinning::kNone, std::move(done));
  });
  if (!found[0].ok()) return found[0].status();
  return found[0]->payload_bytes;
}

void AddStatistics(const slotwise::StoreMetrics& metrics, slotwise_statistics* statistics) {
  for (const slotwise::ShardMetrics& shard : metrics.shards) {
    const slotwise::Occupancy& held = shard.occupancy;
    statistics->entries += held.entries;
    statistics->payload_bytes += held.payload_bytes;
    statistics->occupied_bytes += held.payload_blocks * held.block_bytes;
    statistics->free_bytes += held.free_blocks * held.block_bytes;
    statistics->capacity_bytes += held.capacity_blocks * held.block_bytes;
    statistics->gets += shard.statistics.gets;
    statistics->hits += shard.statistics.hits;
    statistics->puts += shard.statistics.puts;
    statistics->stored += shard.statistics.stored;
    statistics->refused += shard.statistics.refused_no_space + shard.statistics.refused_no_entry;
    statistics->evictions += shard.statistics.evictions;
    statistics->checksum_failures += shard.statistics.checksum_failures;
  }
}

slotwise_code Open(const std::vector<std::string>& paths, const slotwise_options& options, slotwise_store** store,
                   slotwise_error* error) {
  const absl::StatusOr<slotwise::RawBlockStoreOptions> store_options = OptionsOf(options);
  if (!store_options.ok()) return Report(store_options.status(), error);
  auto made = std::make_unique<slotwise_store>();
  absl::StatusOr<std::unique_ptr<slotwise::RawBlockStore>> opened =
      slotwise::RawBlockStore::Open(paths, *store_options);
  if (!opened.ok()) return Report(opened.status(), error);
  made->store = *std::move(opened);
  made->durability = options.durable != 0 ? slotwise::Durability::kDurable : slotwise::Durability::kBatched;
  *store = made.release();
  return SLOTWISE_OK;
}

slotwise_code Get(slotwise_store* store, const slotwise::RawBlockStore::GetRequest& request, size_t* payload_bytes,
                  slotwise_error* error) {
  const auto lengths = Await<std::vector<absl::StatusOr<uint64_t>>>([&](auto done) {
    store->store->GetMany({&request, 1}, std::move(done));
  });
  const bool too_small = absl::IsOutOfRange(lengths[0].status());
  const absl::StatusOr<uint64_t> length = too_small ? LengthOf(store, request.key) : lengths[0];
  if (!length.ok()) return Report(length.status(), error);
  if (payload_bytes != nullptr) *payload_bytes = *length;
  return Report(lengths[0].status(), error);
}

}  // namespace

void slotwise_default_options(slotwise_options* options) {
  *options = {.eviction = kEviction, .queue_depth = 64, .durable = 0, .buffered = 0};
}

slotwise_code slotwise_create(const char* path, uint64_t capacity_bytes, uint64_t payload_bytes, int buffered,
                              slotwise_error* error) {
  return Guarded(error, [&] {
    slotwise::CreateStoreOptions options{.capacity_bytes = capacity_bytes, .payload_bytes = payload_bytes};
    options.file.buffered = buffered != 0;
    return Report(slotwise::CreateStore(path, options), error);
  });
}

slotwise_code slotwise_open(const char* const* paths, size_t path_count, const slotwise_options* options,
                            slotwise_store** store, slotwise_error* error) {
  *store = nullptr;
  slotwise_options defaults;
  slotwise_default_options(&defaults);
  return Guarded(error, [&] {
    return Open(std::vector<std::string>(paths, paths + path_count), options == nullptr ? defaults : *options, store,
                error);
  });
}

slotwise_code slotwise_put(slotwise_store* store, const void* key, size_t key_bytes, const void* payload,
                           size_t payload_bytes, slotwise_error* error) {
  return Guarded(error, [&] {
    const slotwise::RawBlockStore::PutRequest request{KeyOf(key, key_bytes),
                                                      {static_cast<const std::byte*>(payload), payload_bytes}};
    const auto outcomes = Await<std::vector<absl::StatusOr<slotwise::PutOutcome>>>([&](auto done) {
      store->store->PutMany({&request, 1}, {.durability = store->durability, .replace = false}, std::move(done));
    });
    return Report(outcomes[0].status(), error);
  });
}

slotwise_code slotwise_get(slotwise_store* store, const void* key, size_t key_bytes, void* buffer, size_t buffer_bytes,
                           size_t* payload_bytes, slotwise_error* error) {
  return Guarded(error, [&] {
    return Get(store, {KeyOf(key, key_bytes), {static_cast<std::byte*>(buffer), buffer_bytes}}, payload_bytes, error);
  });
}

slotwise_code slotwise_exists(slotwise_store* store, const void* key, size_t key_bytes, size_t* payload_bytes,
                              slotwise_error* error) {
  return Guarded(error, [&] {
    const absl::StatusOr<uint64_t> length = LengthOf(store, KeyOf(key, key_bytes));
    if (length.ok() && payload_bytes != nullptr) *payload_bytes = *length;
    return Report(length.status(), error);
  });
}

slotwise_code slotwise_remove(slotwise_store* store, const void* key, size_t key_bytes, slotwise_error* error) {
  return Guarded(error, [&] {
    const std::string_view keys[] = {KeyOf(key, key_bytes)};
    const auto removed = Await<std::vector<absl::Status>>([&](auto done) {
      store->store->RemoveMany(keys, {.durability = store->durability, .force = false}, std::move(done));
    });
    return Report(removed[0], error);
  });
}

slotwise_code slotwise_flush(slotwise_store* store, slotwise_error* error) {
  return Guarded(error, [&] {
    return Report(Await<absl::Status>([&](auto done) { store->store->Flush(std::move(done)); }), error);
  });
}

void slotwise_stat(const slotwise_store* store, slotwise_statistics* statistics) {
  *statistics = {};
  static_cast<void>(Guarded(/*error=*/nullptr, [&] {
    AddStatistics(store->store->metrics(), statistics);
    return SLOTWISE_OK;
  }));
}

slotwise_code slotwise_close(slotwise_store* store, slotwise_error* error) {
  if (store == nullptr) return SLOTWISE_OK;
  const std::unique_ptr<slotwise_store> closed(store);
  return Guarded(error, [&] { return Report(closed->store->Close(), error); });
}
