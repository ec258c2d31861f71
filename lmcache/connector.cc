// SPDX-License-Identifier: Apache-2.0
#include "lmcache/connector.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "rawblock/store/output_file.h"
#include "slotwise/store_metrics.h"

namespace slotwise {
namespace {

constexpr int kSecondsBetweenLines = 10;  // of the log, about keys

const absl::Status& StatusOf(const absl::Status& result) { return result; }

template <typename Value>
const absl::Status& StatusOf(const absl::StatusOr<Value>& result) {
  return result.status();
}

// Whether the store, not the key, is why.
bool Unserved(const absl::Status& status) { return absl::IsUnavailable(status) || absl::IsFailedPrecondition(status); }

template <typename Result>
absl::Status BatchStatus(const std::vector<Result>& results) {
  const auto unserved = [](const Result& result) { return Unserved(StatusOf(result)); };
  if (results.empty() || !std::ranges::all_of(results, unserved)) return absl::OkStatus();
  return StatusOf(results.front());
}

template <typename Result>
std::vector<bool> KeysServed(const std::vector<Result>& results) {
  std::vector<bool> served;
  served.reserve(results.size());
  for (const Result& result : results) served.push_back(result.ok());
  return served;
}

template <typename Result>
void LogFailures(const char* what, const std::vector<Result>& results) {
  const auto failed = [](const Result& result) { return !result.ok() && !absl::IsNotFound(StatusOf(result)); };
  const auto first = std::ranges::find_if(results, failed);
  if (first == results.end()) return;
  LOG_EVERY_T(WARNING, kSecondsBetweenLines) << std::ranges::count_if(results, failed) << " of " << results.size()
                                             << " keys were not " << what << "; the first: " << StatusOf(*first);
}

RawBlockStoreOptions StoreOptions(const ConnectorOptions& options) {
  RawBlockStoreOptions store{.device = options.file.device};
  store.core.policy = options.eviction;
  store.core.commit_interval = options.commit_interval;
  return store;
}

absl::Status CheckMetricsPath(const ConnectorOptions& options) {
  const absl::Status checked = CheckOutputFiles({options.metrics_path}, options.paths);
  return checked.ok() ? checked : absl::Status(checked.code(), absl::StrCat("metrics_path: ", checked.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connector>> Connector::Open(const ConnectorOptions& options) {
  if (absl::Status status = CheckMetricsPath(options); !status.ok()) return status;
  for (const std::string& path : options.paths) {
    if (absl::Status status = PrepareStore(path, options.file); !status.ok()) return status;
  }
  absl::StatusOr<std::unique_ptr<RawBlockStore>> store = RawBlockStore::Open(options.paths, StoreOptions(options));
  if (!store.ok()) return store.status();
  return Serve(*std::move(store), options);
}

absl::StatusOr<std::unique_ptr<Connector>> Connector::Serve(std::unique_ptr<RawBlockStore> store,
                                                            const ConnectorOptions& options) {
  absl::StatusOr<std::unique_ptr<Completions>> completions = Completions::Create();
  if (!completions.ok()) return completions.status();
  std::unique_ptr<Connector> connector =
      absl::WrapUnique(new Connector(options, *std::move(completions), std::move(store)));
  if (absl::Status status = connector->StartMetrics(options); !status.ok()) return status;
  return connector;
}

Connector::Connector(const ConnectorOptions& options, std::unique_ptr<Completions> completions,
                     std::unique_ptr<RawBlockStore> store)
    : durability_(options.durability), completions_(std::move(completions)), store_(std::move(store)) {}

Connector::~Connector() {
  const absl::Status closed = Close();
  LOG_IF(ERROR, !closed.ok()) << "closing the store: " << closed;
}

absl::Status Connector::StartMetrics(const ConnectorOptions& options) {
  if (options.metrics_path.empty()) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<MetricsFile>> metrics =
      MetricsFile::Start(options.metrics_path, options.metrics_interval,
                         [store = store_.get()] { return PrometheusText(store->metrics()); });
  if (!metrics.ok()) return metrics.status();
  const std::lock_guard lock(closing_mutex_);
  metrics_ = *std::move(metrics);
  return absl::OkStatus();
}

absl::StatusOr<Connector::FutureId> Connector::NextFuture() {
  if (closed_) return absl::FailedPreconditionError("the connector is closed");
  if (!process_.IsCurrent()) {
    return absl::FailedPreconditionError(
        "the connector was opened by the process that this one is a fork of; open one after the fork");
  }
  return ++futures_;
}

auto Connector::Completing(FutureId future, const char* what, std::shared_ptr<void> lent) {
  return [this, future, what, lent = std::move(lent)]<typename Result>(const std::vector<Result>& results) mutable {
    LogFailures(what, results);
    completions_->Push(
        {.future = future, .status = BatchStatus(results), .keys = KeysServed(results), .lent = std::move(lent)});
  };
}

absl::StatusOr<Connector::FutureId> Connector::SubmitSet(std::span<const RawBlockStore::PutRequest> requests,
                                                         std::shared_ptr<void> lent) {
  absl::StatusOr<FutureId> future = NextFuture();
  if (!future.ok()) return future;
  store_->PutMany(requests, {.durability = durability_}, Completing(*future, "stored", std::move(lent)));
  return future;
}

absl::StatusOr<Connector::FutureId> Connector::SubmitGet(std::span<const RawBlockStore::GetRequest> requests,
                                                         std::shared_ptr<void> lent) {
  absl::StatusOr<FutureId> future = NextFuture();
  if (!future.ok()) return future;
  store_->GetMany(requests, Completing(*future, "read", std::move(lent)));
  return future;
}

absl::StatusOr<Connector::FutureId> Connector::SubmitExists(std::span<const std::string_view> keys) {
  absl::StatusOr<FutureId> future = NextFuture();
  if (!future.ok()) return future;
  store_->ExistsMany(keys, RawBlockStore::Pinning::kNone, Completing(*future, "looked up", nullptr));
  return future;
}

absl::StatusOr<Connector::FutureId> Connector::SubmitDelete(std::span<const std::string_view> keys) {
  absl::StatusOr<FutureId> future = NextFuture();
  if (!future.ok()) return future;
  store_->RemoveMany(keys, {.durability = durability_}, Completing(*future, "deleted", nullptr));
  return future;
}

absl::Status Connector::Close() {
  if (!process_.IsCurrent()) return Leave();
  const std::lock_guard lock(closing_mutex_);
  if (closed_.exchange(true)) return absl::OkStatus();
  absl::Status closed = store_->Close();
  metrics_.reset();
  return closed;
}

// The thread of the metrics file is not here, and what it waits on is as the fork found it.
absl::Status Connector::Leave() {
  closed_ = true;
  static_cast<void>(metrics_.release());
  store_.reset();
  return absl::OkStatus();
}

}  // namespace slotwise
