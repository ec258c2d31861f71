// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "iouring/open_device.h"
#include "rawblock/make/new_store.h"
#include "slotwise/raw_block_store.h"
#include "tools/bench/peers/peer_device.h"
#include "tools/bench/peers/peers.h"

namespace slotwise {
namespace {

// Overwrites what another peer left there.
absl::Status Format(const PeerOptions& options) {
  const NewStore store{.sizes = {{options.payload_bytes}, {options.payload_bytes}}, .force = true};
  const absl::StatusOr<MadeStore> made = MakeStore(options.devices.front(), PeerDeviceOptions(), store);
  return made.ok() ? made->opened.device->Close() : made.status();
}

template <typename Result>
absl::Status FirstError(const std::vector<absl::StatusOr<Result>>& results) {
  absl::Status status;
  for (const absl::StatusOr<Result>& result : results) status.Update(result.status());
  return status;
}

class RawBlockStorePeer final : public Peer {
 public:
  static absl::StatusOr<std::unique_ptr<Peer>> Open(const PeerOptions& options);

  absl::Status Put(const Batch& batch) override;
  absl::Status Get(const Batch& batch) override;
  absl::Status Flush() override;
  absl::Status PrepareGets(ReadPath path) override;
  absl::Status Close() override;

 private:
  explicit RawBlockStorePeer(std::unique_ptr<RawBlockStore> store) : store_(std::move(store)) {}

  std::unique_ptr<RawBlockStore> store_;
};

absl::StatusOr<std::unique_ptr<Peer>> RawBlockStorePeer::Open(const PeerOptions& options) {
  const std::string& path = options.devices.front();
  if (absl::Status formatted = Format(options); !formatted.ok()) return formatted;
  RawBlockStoreOptions store_options;
  store_options.device = PeerDeviceOptions();
  store_options.registered_memory = options.memory;
  absl::StatusOr<std::unique_ptr<RawBlockStore>> store = RawBlockStore::Open({&path, 1}, store_options);
  if (!store.ok()) return store.status();
  return std::unique_ptr<Peer>(new RawBlockStorePeer(*std::move(store)));
}

absl::Status RawBlockStorePeer::Put(const Batch& batch) {
  std::vector<RawBlockStore::PutRequest> requests;
  requests.reserve(batch.keys.size());
  for (size_t i = 0; i < batch.keys.size(); ++i) {
    requests.push_back({.key = batch.keys[i], .payload = batch.payload(i)});
  }
  std::promise<absl::Status> done;
  std::future<absl::Status> status = done.get_future();
  store_->PutMany(requests, {.durability = Durability::kBatched},
                  [done = std::move(done)](const std::vector<absl::StatusOr<PutOutcome>>& outcomes) mutable {
                    done.set_value(FirstError(outcomes));
                  });
  return status.get();
}

absl::Status RawBlockStorePeer::Get(const Batch& batch) {
  std::vector<RawBlockStore::GetRequest> requests;
  requests.reserve(batch.keys.size());
  for (size_t i = 0; i < batch.keys.size(); ++i) {
    requests.push_back({.key = batch.keys[i], .destination = batch.payload(i)});
  }
  std::promise<absl::Status> done;
  std::future<absl::Status> status = done.get_future();
  store_->GetMany(requests, [done = std::move(done)](const std::vector<absl::StatusOr<uint64_t>>& lengths) mutable {
    done.set_value(FirstError(lengths));
  });
  return status.get();
}

absl::Status RawBlockStorePeer::Flush() {
  std::promise<absl::Status> done;
  std::future<absl::Status> status = done.get_future();
  store_->Flush([done = std::move(done)](absl::Status flushed) mutable { done.set_value(std::move(flushed)); });
  return status.get();
}

absl::Status RawBlockStorePeer::PrepareGets(ReadPath) { return absl::OkStatus(); }

absl::Status RawBlockStorePeer::Close() { return store_->Close(); }

}  // namespace

absl::StatusOr<std::unique_ptr<Peer>> OpenRawBlockStorePeer(const PeerOptions& options) {
  return RawBlockStorePeer::Open(options);
}

}  // namespace slotwise
