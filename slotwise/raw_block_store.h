// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAW_BLOCK_STORE_H_
#define SLOTWISE_RAW_BLOCK_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "slotwise/device_options.h"
#include "slotwise/store_metrics.h"
#include "slotwise/store_options.h"

namespace slotwise {

class AnyBatch;
class Device;
class Shard;
class ShardMap;
struct Job;

struct RawBlockStoreOptions {
  CoreOptions core = {};          // of every shard
  OpenDeviceOptions device = {};  // of every shard
  // While this many operations wait for a shard's thread, more are refused.
  size_t queued_operations_max = 65'536;
  // A shard that has work, and has completed none for this long, refuses more.
  absl::Duration stalled_after = absl::Seconds(30);
  // Memory that payloads mostly come from and go to. Registered with every ring,
  // which saves the pinning of its pages for each transfer. Borrowed until Close;
  // may be empty.
  std::span<std::byte> registered_memory = {};
};

// Keeps one entry of one shard from being evicted or removed.
struct StorePin {
  uint32_t shard;
  Pin pin;
};

// A thread-safe store over one or several devices: each is a shard, a RawBlockCore
// on a thread of its own. A key belongs to one shard, by its hash and the shards'
// identities (rendezvous hashing, weighted by capacity): the order and the names of
// the devices do not matter, and a device more or less moves only the keys that it
// wins or loses. One device may be several shards: its partitions.
//
// Every call but Open, Close and the destructor only queues work. Each batch is
// answered once, by `done` with one result per key, in the order of the keys, on the
// thread of the shard that finished last; or by the call itself, if there is no key, or
// if the last answer was that a shard refuses its part. `done` must neither block nor throw, for nobody there can
// catch: an exception ends the process, or leaves the store unusable. It may call anything but Close and the
// destructor. CompletionQueue turns it into an eventfd. Keys are copied. Payloads and destinations are borrowed until
// `done` is called.
//
// One key never fails its batch. Besides the errors of RawBlockCore, a key can get
//   kUnavailable: too many operations wait for its shard, or its device is stalled
//   or lost; keys of other shards are served as ever;
//   kFailedPrecondition: the store is closed.
// Operations that one thread submits reach a shard in that order; so a get sees the
// puts that were answered before it was submitted.
//
// See RawBlockCore for durability, eviction and recovery.
class RawBlockStore {
 public:
  struct PutRequest {
    std::string_view key;
    std::span<const std::byte> payload;
  };
  struct GetRequest {
    std::string_view key;
    std::span<std::byte> destination;
  };
  struct Found {
    uint64_t payload_bytes = 0;
    std::optional<StorePin> pin = std::nullopt;  // where one was asked for
  };
  enum class Pinning : uint8_t { kNone, kPin };

  // With one result per key.
  using PutManyDone = absl::AnyInvocable<void(std::vector<absl::StatusOr<PutOutcome>>)>;
  using GetManyDone = absl::AnyInvocable<void(std::vector<absl::StatusOr<uint64_t>>)>;  // payload bytes
  using ExistsManyDone = absl::AnyInvocable<void(std::vector<absl::StatusOr<Found>>)>;
  using RemoveManyDone = absl::AnyInvocable<void(std::vector<absl::Status>)>;
  using Done = absl::AnyInvocable<void(absl::Status)>;

  // Opens the stores at `paths`, one shard each, and recovers them side by side.
  // kInvalidArgument: no path, or one store twice; kResourceExhausted: no thread or
  // file descriptor is left for a shard; else the first error of OpenDevice or
  // RawBlockCore::Open, with the path. Nothing stays open then.
  // Blocks for as long as recovery takes.
  static absl::StatusOr<std::unique_ptr<RawBlockStore>> Open(std::span<const std::string> paths,
                                                             const RawBlockStoreOptions& options);

  // Over devices of any kind; `options.device` and `registered_memory` mean nothing
  // then.
  struct ShardSource {
    std::string name;  // for errors and metrics
    // Its device's Poll ends when `wake_fd` becomes readable, or never waits long.
    absl::AnyInvocable<absl::StatusOr<std::unique_ptr<Device>>(int wake_fd)> open;
  };
  static absl::StatusOr<std::unique_ptr<RawBlockStore>> OpenShards(std::vector<ShardSource> sources,
                                                                   const RawBlockStoreOptions& options);

  // Closes it unless it is closed. A fork of the process that opened it only lets go of the devices; its calls are
  // refused (kFailedPrecondition).
  ~RawBlockStore();
  RawBlockStore(const RawBlockStore&) = delete;
  RawBlockStore& operator=(const RawBlockStore&) = delete;

  // See RawBlockCore::Put.
  void PutMany(std::span<const PutRequest> requests, const PutOptions& options, PutManyDone done);

  // See RawBlockCore::Get. A destination that starts on an aligned address is read
  // into directly, but for a last block that it does not hold whole; any other
  // through a copy. The destination of a miss is left as it was; that of a damaged
  // payload (kDataLoss) may hold anything.
  void GetMany(std::span<const GetRequest> requests, GetManyDone done);

  // kNotFound: not there. Does not count as use. With kPin, what was found stays
  // until Unpin.
  void ExistsMany(std::span<const std::string_view> keys, Pinning pinning, ExistsManyDone done);

  // A pin that is not held, such as one that was given back before, is left alone
  // and counted (Statistics::unpins_refused). REQUIRES: each came from ExistsMany.
  void Unpin(std::span<const StorePin> pins);

  // See RawBlockCore::Remove.
  void RemoveMany(std::span<const std::string_view> keys, const RemoveOptions& options, RemoveManyDone done);

  // `done` when everything acknowledged so far is durable; the first error of any
  // shard.
  void Flush(Done done);

  // Refuses what comes later, finishes what came before, writes checkpoints and
  // joins the threads. The first error of any shard. Blocks; not from a callback.
  // Closed twice is closed.
  absl::Status Close();

  size_t shards() const { return shards_.size(); }
  // The largest alignment of any shard, in bytes: what payloads should start on.
  uint32_t alignment() const;
  // The longest key that every shard takes, in bytes.
  uint32_t max_key_bytes() const;

  // What has been done and is held, as of a moment ago: everything that was
  // answered is counted. Never waits for a device.
  StoreMetrics metrics() const;

 private:
  explicit RawBlockStore(std::vector<std::unique_ptr<Shard>> shards);

  Job JobFor(std::string_view key) const;
  std::vector<Job> JobsFor(std::span<const std::string_view> keys) const;
  // Hands the jobs of `batch` to their shards, each by `post`.
  using PostToShard = absl::Status (Shard::*)(std::vector<Job*>*);
  void Post(AnyBatch* batch, PostToShard post);
  void PostOrFail(size_t shard, std::vector<Job*>* jobs, PostToShard post);

  std::vector<std::unique_ptr<Shard>> shards_;  // never changes
  const std::unique_ptr<const ShardMap> map_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAW_BLOCK_STORE_H_
