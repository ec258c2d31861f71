// SPDX-License-Identifier: Apache-2.0
// What connector_benchmark.py does in Python, done to a RawBlockStore in C++: sets
// batches of payloads in a new store, gets them, and prints both rates in MB/s.
//
// store_throughput PATH CAPACITY_BYTES PAYLOAD_BYTES KEYS BATCHES IN_FLIGHT BUFFERED
#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "iouring/aligned_buffer.h"
#include "lmcache/store_file.h"
#include "slotwise/completion_queue.h"
#include "slotwise/eviction_policy_kind.h"
#include "slotwise/raw_block_store.h"

namespace slotwise {
namespace {

struct Workload {
  uint64_t payload_bytes = 0;
  size_t keys = 0;  // of a batch
  size_t batches = 0;
  size_t in_flight = 0;  // batches
};

// Keys and buffers of a batch under way.
struct Lane {
  std::vector<std::string> keys;
  std::vector<AlignedBuffer> buffers;
};

Lane MakeLane(const Workload& workload) {
  Lane lane;
  lane.keys.resize(workload.keys);
  for (size_t i = 0; i < workload.keys; ++i) lane.buffers.emplace_back(workload.payload_bytes, 4096);
  return lane;
}

class Driver {
 public:
  Driver(const Workload& workload, RawBlockStore* store)
      : workload_(workload), store_(store), over_(CompletionQueue<Lane*>::Create().value()) {
    for (size_t i = 0; i < workload.in_flight; ++i) lanes_.push_back(MakeLane(workload));
  }

  // MB/s.
  double Set() {
    return Run([this](Lane* lane) {
      std::vector<RawBlockStore::PutRequest> requests;
      for (size_t i = 0; i < workload_.keys; ++i) requests.push_back({lane->keys[i], lane->buffers[i].span()});
      store_->PutMany(requests, {}, [this, lane](const auto& results) { Complete(lane, results); });
    });
  }
  double Get() {
    return Run([this](Lane* lane) {
      std::vector<RawBlockStore::GetRequest> requests;
      for (size_t i = 0; i < workload_.keys; ++i) requests.push_back({lane->keys[i], lane->buffers[i].span()});
      store_->GetMany(requests, [this, lane](const auto& results) { Complete(lane, results); });
    });
  }

 private:
  double Run(absl::FunctionRef<void(Lane*)> submit) {
    const absl::Time began = absl::Now();
    submitted_ = 0;
    for (Lane& lane : lanes_) SubmitNext(submit, &lane);
    for (size_t over = 0; over < workload_.batches;) {
      pollfd event{.fd = over_->fd(), .events = POLLIN, .revents = 0};
      PCHECK(::poll(&event, 1, -1) == 1);
      for (Lane* lane : over_->Drain()) {
        ++over;
        SubmitNext(submit, lane);
      }
    }
    const auto bytes = static_cast<double>(workload_.payload_bytes * workload_.keys * workload_.batches);
    return bytes / 1e6 / absl::ToDoubleSeconds(absl::Now() - began);
  }

  void SubmitNext(absl::FunctionRef<void(Lane*)> submit, Lane* lane) {
    if (submitted_ == workload_.batches) return;
    for (size_t i = 0; i < workload_.keys; ++i) lane->keys[i] = absl::StrCat("model@00000000@0@", submitted_, "@", i);
    ++submitted_;
    submit(lane);
  }

  template <typename Results>
  void Complete(Lane* lane, const Results& results) {
    for (const auto& result : results) CHECK(result.ok()) << result.status();
    over_->Push(lane);
  }

  const Workload workload_;
  RawBlockStore* const store_;
  const std::unique_ptr<CompletionQueue<Lane*>> over_;
  std::vector<Lane> lanes_;
  size_t submitted_ = 0;
};

void Measure(const std::string& path, const StoreFileOptions& file, const Workload& workload) {
  if (absl::Status prepared = PrepareStore(path, file); !prepared.ok()) LOG(FATAL) << prepared;
  RawBlockStoreOptions options{.device = file.device};
  options.core.policy = EvictionPolicyKind::kNone;
  const auto store = RawBlockStore::Open({&path, 1}, options).value();
  Driver driver(workload, store.get());
  const double set = driver.Set();
  std::cout << set << " " << driver.Get() << "\n";
  CHECK(store->Close().ok());
}

}  // namespace
}  // namespace slotwise

int main(int argc, char** argv) {
  CHECK_EQ(argc, 8) << "store_throughput PATH CAPACITY_BYTES PAYLOAD_BYTES KEYS BATCHES IN_FLIGHT BUFFERED";
  std::vector<uint64_t> numbers;
  for (int i = 2; i < argc; ++i) numbers.push_back(std::stoull(argv[i]));
  const slotwise::StoreFileOptions file{
      .create = true,
      .capacity_bytes = numbers[0],
      .payload_bytes = numbers[1],
      .device = {.file = {.buffered = numbers[5] != 0}, .queue_depth = 256},
  };
  slotwise::Measure(argv[1], file,
                    {.payload_bytes = numbers[1], .keys = numbers[2], .batches = numbers[3], .in_flight = numbers[4]});
}
