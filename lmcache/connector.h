// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_LMCACHE_CONNECTOR_H_
#define SLOTWISE_LMCACHE_CONNECTOR_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "iouring/system/process_identity.h"
#include "lmcache/metrics_file.h"
#include "lmcache/store_file.h"
#include "rawblock/core/raw_block_core.h"
#include "slotwise/completion_queue.h"
#include "slotwise/eviction_policy_kind.h"
#include "slotwise/raw_block_store.h"

namespace slotwise {

struct ConnectorOptions {
  std::vector<std::string> paths;  // of one shard each
  StoreFileOptions file = {};      // of every path
  EvictionPolicyKind eviction = EvictionPolicyKind::kNone;
  Durability durability = Durability::kBatched;  // of sets and deletes
  absl::Duration commit_interval = absl::Milliseconds(50);
  std::string metrics_path;  // empty: none
  absl::Duration metrics_interval = absl::Seconds(10);
};

// A RawBlockStore with the interface of LMCache's native plugins: a batch is submitted and gets a number, and its
// completion, with that number, waits behind a file descriptor until it is drained. Knows no Python.
//
// Thread-safe. Only Open, Close and the destructor block. Keys are copied; payloads and destinations are borrowed until
// the completion has been drained.
class Connector {
 public:
  using FutureId = int64_t;

  // What became of a batch.
  struct Completion {
    FutureId future;
    // Not OK if the store as a whole served none of the keys: it is lost, stalled, overloaded, read-only or closed.
    // What concerns single keys is no error of the batch.
    absl::Status status;
    // By key: stored now or before; read; found; deleted. Failures other than a miss are logged, at most once in 10 s
    // per operation.
    std::vector<bool> keys;
    // What was lent with the batch.
    std::shared_ptr<void> lent;
  };

  // Prepares every path (see PrepareStore), opens the store over all of them and
  // recovers it, and begins to write the metrics. The first error; where the metrics
  // may not be written (see CheckOutputFiles), nothing has been touched.
  static absl::StatusOr<std::unique_ptr<Connector>> Open(const ConnectorOptions& options);

  // The same over a store that is open already, for tests; the options of its shards
  // mean nothing then.
  static absl::StatusOr<std::unique_ptr<Connector>> Serve(std::unique_ptr<RawBlockStore> store,
                                                          const ConnectorOptions& options);

  // Closes the store unless it is closed.
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  // Readable while completions wait, for poll and epoll. Owned by the connector; do
  // not read it.
  int fd() const { return completions_->fd(); }

  // Each answers with the number of the batch. `lent` is whatever must live until the
  // completion is drained: it comes back in it, or stays with the caller's own copy
  // on an error. kFailedPrecondition: the connector is closed.
  //
  // A key that is already there keeps its payload, which counts as stored. An empty
  // payload is not stored; an empty destination gets nothing.
  absl::StatusOr<FutureId> SubmitSet(std::span<const RawBlockStore::PutRequest> requests, std::shared_ptr<void> lent);
  // A destination may be larger than the payload; what it has of the payload's last
  // block may be overwritten too. One that is too small gets nothing.
  absl::StatusOr<FutureId> SubmitGet(std::span<const RawBlockStore::GetRequest> requests, std::shared_ptr<void> lent);
  absl::StatusOr<FutureId> SubmitExists(std::span<const std::string_view> keys);
  absl::StatusOr<FutureId> SubmitDelete(std::span<const std::string_view> keys);

  // What has completed since the last Drain; nothing is given twice. fd() is not
  // readable any more until something else completes.
  std::vector<Completion> Drain() { return completions_->Drain(); }

  // Refuses later batches, finishes earlier ones, and closes the store; completions can still be drained. Returns the
  // first error of any shard. Does nothing the second time. A fork of the process that
  // opened it only lets go of the devices; there all other calls are refused.
  absl::Status Close();

 private:
  using Completions = CompletionQueue<Completion>;

  Connector(const ConnectorOptions& options, std::unique_ptr<Completions> completions,
            std::unique_ptr<RawBlockStore> store);
  absl::Status StartMetrics(const ConnectorOptions& options);
  // Close, in a fork: lets go of the devices and nothing else.
  absl::Status Leave();
  absl::StatusOr<FutureId> NextFuture();
  // A callback that completes `future`; `what` is done to its keys.
  auto Completing(FutureId future, const char* what, std::shared_ptr<void> lent);

  const ProcessIdentity process_;
  const Durability durability_;
  std::atomic<FutureId> futures_ = 0;
  std::atomic<bool> closed_ = false;
  const std::unique_ptr<Completions> completions_;
  std::unique_ptr<RawBlockStore> store_;  // null: closed by a fork
  std::mutex closing_mutex_;
  std::unique_ptr<MetricsFile> metrics_;  // guarded by closing_mutex_
};

}  // namespace slotwise

#endif  // SLOTWISE_LMCACHE_CONNECTOR_H_
