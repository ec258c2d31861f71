// SPDX-License-Identifier: Apache-2.0
// Two threads put, get, look up and remove at random in one RawBlockStore over two
// files, whose transfers of payloads fail now and then. Each holds every answer to a
// model of its own keys. In the end the store's metrics are held to the sums of what
// was answered, the memory must not have grown, and after a restart all is there.
//
// For long, and with an eye on races:
//   bazel run --config=tsan //tests/soak:store_soak_test -- --seconds=600
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "iouring/aligned_buffer.h"
#include "iouring/device.h"
#include "iouring/device_file.h"
#include "iouring/open_device.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/store/shard.h"
#include "slotwise/create_store.h"
#include "slotwise/raw_block_store.h"
#include "tests/simulation/seeded_random.h"

namespace slotwise {
namespace {

constexpr size_t kDevices = 2;
constexpr size_t kClients = 2;
constexpr uint64_t kDeviceBytes = 128 << 20;
constexpr uint64_t kKeys = 400;               // of a client
constexpr size_t kPayloadBytesMax = 200'000;  // so that all keys together fit easily
constexpr size_t kBatchMax = 16;
constexpr uint64_t kTransfersPerFault = 300;
// Of a run so long, a fifth fills the caches, and what a sanitizer keeps of freed memory.
constexpr absl::Duration kSteadyAfter = absl::Minutes(1);
constexpr uint64_t kGrowthMax = 32 << 20;  // of resident memory, in bytes

// A device of which some transfers of payloads fail.
class FaultyDevice final : public Device {
 public:
  FaultyDevice(std::unique_ptr<Device> device, uint64_t data_offset, uint64_t seed)
      : device_(std::move(device)), data_offset_(data_offset), random_(seed) {}

  uint64_t size() const override { return device_->size(); }
  uint32_t alignment() const override { return device_->alignment(); }
  int queue_depth() const override { return device_->queue_depth(); }
  int in_flight() const override { return device_->in_flight() + static_cast<int>(failing_.size()); }
  void Submit(IoRequest* request) override {
    const bool moves_payload = request->op != IoRequest::Op::kFlush && request->offset >= data_offset_;
    if (!moves_payload || !random_.OneIn(kTransfersPerFault)) return device_->Submit(request);
    failing_.push_back(request);
  }
  absl::Status Poll(absl::Duration timeout) override {
    absl::Status status = device_->Poll(failing_.empty() ? timeout : absl::ZeroDuration());
    for (IoRequest* request : std::exchange(failing_, {})) {
      request->status = absl::DataLossError("a planted fault");
      request->done(request);
    }
    return status;
  }
  absl::Status Close() override { return device_->Close(); }

 private:
  const std::unique_ptr<Device> device_;
  const uint64_t data_offset_;
  SeededRandom random_;
  std::vector<IoRequest*> failing_;
};

std::string PathOf(size_t device) {
  const char* folder = std::getenv("TEST_TMPDIR");
  return absl::StrCat(folder == nullptr ? "/var/tmp" : folder, "/store_soak_", device);
}

OpenedDevice OpenFile(size_t device, int wake_fd) {
  return OpenDevice(PathOf(device), {.file = {.buffered = true}, .wake_fd = wake_fd}).value();
}

uint64_t DataOffset(size_t device) {
  const OpenedDevice opened = OpenFile(device, /*wake_fd=*/-1);
  return ReadStoreHeader(opened.device.get(), nullptr).value().layout.data_offset;
}

// Fails transfers, unless `seed` is 0.
Shard::OpenDevice Opener(size_t device, uint64_t seed) {
  return [device, seed](int wake_fd) -> absl::StatusOr<std::unique_ptr<Device>> {
    if (seed == 0) return std::move(OpenFile(device, wake_fd).device);
    const uint64_t data_offset = DataOffset(device);
    return std::make_unique<FaultyDevice>(std::move(OpenFile(device, wake_fd).device), data_offset, seed);
  };
}

std::unique_ptr<RawBlockStore> OpenStore(uint64_t fault_seed) {
  std::vector<RawBlockStore::ShardSource> sources;
  for (size_t device = 0; device < kDevices; ++device) {
    sources.push_back({.name = PathOf(device), .open = Opener(device, fault_seed)});
  }
  RawBlockStoreOptions options;
  options.core.policy = EvictionPolicyKind::kNone;
  return RawBlockStore::OpenShards(std::move(sources), options).value();
}

// What the call that `start` makes is answered.
template <typename Answer, typename Start>
Answer Await(Start start) {
  std::promise<Answer> answer;
  start([&answer](Answer given) { answer.set_value(std::move(given)); });
  return answer.get_future().get();
}

struct Counts {
  uint64_t stored = 0;
  uint64_t already_stored = 0;
  uint64_t failed_writes = 0;
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t failed_reads = 0;
  uint64_t removed = 0;

  void Add(const Counts& other) {
    stored += other.stored;
    already_stored += other.already_stored;
    failed_writes += other.failed_writes;
    hits += other.hits;
    misses += other.misses;
    failed_reads += other.failed_reads;
    removed += other.removed;
  }
};

// A thread of operations on keys of its own, and what must be there.
class Client {
 public:
  Client(size_t id, RawBlockStore* store, uint64_t seed)
      : id_(id), store_(store), random_(seed), memory_(kBatchMax * kRoom + kMisaligned, 4096) {}

  void Run(absl::Time end) {
    while (absl::Now() < end) Step();
  }

  // That everything is there, and no more than that.
  void VerifyAll() {
    for (uint64_t key = 0; key < kKeys; ++key) Get({Key(key)});
  }

  const Counts& counts() const { return counts_; }
  uint64_t entries() const { return stored_.size(); }
  uint64_t payload_bytes() const {
    uint64_t bytes = 0;
    for (const std::string& key : stored_) bytes += BytesOf(key);
    return bytes;
  }
  // Goes on with another store that holds the same.
  void Reconnect(RawBlockStore* store) { store_ = store; }

 private:
  static constexpr size_t kRoom = (kPayloadBytesMax + 4096) / 4096 * 4096;
  static constexpr size_t kMisaligned = 512;

  std::string Key(uint64_t number) const { return absl::StrCat("client", id_, "@", number); }
  static size_t BytesOf(std::string_view key) { return 1 + std::hash<std::string_view>()(key) % kPayloadBytesMax; }
  static std::byte ByteOf(std::string_view key, size_t i) {
    return static_cast<std::byte>(std::hash<std::string_view>()(key) + i * 7 + (i >> 9));
  }

  void Step() {
    std::set<std::string> batch;
    for (uint64_t keys = random_.Between(1, kBatchMax); keys > 0; --keys) batch.insert(Key(random_.Below(kKeys)));
    const std::vector<std::string> keys(batch.begin(), batch.end());
    misaligned_ = random_.OneIn(2) ? 0 : kMisaligned;
    const uint64_t choice = random_.Below(100);
    if (choice < 45) return Get(keys);
    if (choice < 80) return Put(keys);
    if (choice < 90) return Exists(keys);
    Remove(keys);
  }

  std::span<std::byte> Memory(size_t i) { return memory_.span().subspan(misaligned_ + i * kRoom, kRoom); }

  void Put(const std::vector<std::string>& keys) {
    std::vector<RawBlockStore::PutRequest> requests;
    for (size_t i = 0; i < keys.size(); ++i) {
      const std::span<std::byte> payload = Memory(i).first(BytesOf(keys[i]));
      for (size_t at = 0; at < payload.size(); ++at) payload[at] = ByteOf(keys[i], at);
      requests.push_back({keys[i], payload});
    }
    const auto outcomes = Await<std::vector<absl::StatusOr<PutOutcome>>>(
        [&](auto done) { store_->PutMany(requests, {}, std::move(done)); });
    for (size_t i = 0; i < keys.size(); ++i) CheckPut(keys[i], outcomes[i]);
  }

  void CheckPut(const std::string& key, const absl::StatusOr<PutOutcome>& outcome) {
    if (!outcome.ok()) {
      CHECK(absl::IsDataLoss(outcome.status())) << key << ": " << outcome.status();
      CHECK(!stored_.contains(key)) << key << " was there";
      ++counts_.failed_writes;
      return;
    }
    const bool is_new = stored_.insert(key).second;
    CHECK_EQ(is_new, *outcome == PutOutcome::kStored) << key;
    ++(is_new ? counts_.stored : counts_.already_stored);
  }

  void Get(const std::vector<std::string>& keys) {
    std::vector<RawBlockStore::GetRequest> requests;
    for (size_t i = 0; i < keys.size(); ++i) requests.push_back({keys[i], Memory(i)});
    const auto results =
        Await<std::vector<absl::StatusOr<uint64_t>>>([&](auto done) { store_->GetMany(requests, std::move(done)); });
    for (size_t i = 0; i < keys.size(); ++i) CheckGet(keys[i], Memory(i), results[i]);
  }

  void CheckGet(const std::string& key, std::span<const std::byte> memory, const absl::StatusOr<uint64_t>& bytes) {
    if (absl::IsNotFound(bytes.status())) {
      CHECK(!stored_.contains(key)) << key << " is lost";
      ++counts_.misses;
      return;
    }
    CHECK(stored_.contains(key)) << key << " was removed: " << bytes.status();
    if (absl::IsDataLoss(bytes.status())) {
      stored_.erase(key);
      ++counts_.failed_reads;
      return;
    }
    CHECK_EQ(bytes.value(), BytesOf(key)) << key;
    for (size_t at = 0; at < *bytes; ++at) CHECK(memory[at] == ByteOf(key, at)) << key << " at " << at;
    ++counts_.hits;
  }

  void Exists(const std::vector<std::string>& keys) {
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    const auto found = Await<std::vector<absl::StatusOr<RawBlockStore::Found>>>(
        [&](auto done) { store_->ExistsMany(views, RawBlockStore::Pinning::kPin, std::move(done)); });
    std::vector<StorePin> pins;
    for (size_t i = 0; i < keys.size(); ++i) {
      CHECK_EQ(found[i].ok(), stored_.contains(keys[i])) << keys[i] << ": " << found[i].status();
      if (!found[i].ok()) continue;
      CHECK_EQ(found[i]->payload_bytes, BytesOf(keys[i])) << keys[i];
      pins.push_back(*found[i]->pin);
    }
    store_->Unpin(pins);
  }

  void Remove(const std::vector<std::string>& keys) {
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    const auto removed =
        Await<std::vector<absl::Status>>([&](auto done) { store_->RemoveMany(views, {}, std::move(done)); });
    for (size_t i = 0; i < keys.size(); ++i) {
      CHECK_EQ(removed[i].ok(), stored_.erase(keys[i]) == 1) << keys[i] << ": " << removed[i];
      if (removed[i].ok()) ++counts_.removed;
    }
  }

  const size_t id_;
  RawBlockStore* store_;
  SeededRandom random_;
  AlignedBuffer memory_;
  size_t misaligned_ = 0;
  std::set<std::string> stored_;
  Counts counts_;
};

using Clients = std::vector<std::unique_ptr<Client>>;

uint64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t pages = 0;
  uint64_t resident = 0;
  file >> pages >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

void RunClients(const Clients& clients, absl::Duration length) {
  const absl::Time end = absl::Now() + length;
  std::vector<std::thread> threads;
  for (const auto& client : clients) threads.emplace_back([raw = client.get(), end] { raw->Run(end); });
  for (std::thread& thread : threads) thread.join();
}

// That the metrics are the sums of what the clients were told.
void CheckMetrics(const StoreMetrics& metrics, const Clients& clients) {
  Counts told;
  uint64_t entries = 0;
  uint64_t payload_bytes = 0;
  uint64_t write_errors = 0;
  for (const auto& client : clients) {
    told.Add(client->counts());
    entries += client->entries();
    payload_bytes += client->payload_bytes();
  }
  for (const ShardMetrics& shard : metrics.shards) {
    const Statistics& counted = shard.statistics;
    told.stored -= counted.stored;
    told.already_stored -= counted.already_stored;
    write_errors += counted.write_errors;
    told.hits -= counted.hits;
    told.misses -= counted.misses;
    told.failed_reads -= counted.read_errors;
    told.removed -= counted.removes;
    entries -= shard.occupancy.entries;
    payload_bytes -= shard.occupancy.payload_bytes;
    CHECK_EQ(counted.gets, counted.hits + counted.misses + counted.read_errors);
    CHECK_EQ(shard.latencies[static_cast<size_t>(OperationStage::kGet)].sample_count, counted.hits);
    CHECK_EQ(shard.latencies[static_cast<size_t>(OperationStage::kPut)].sample_count, counted.stored);
    CHECK_EQ(shard.operations, 0u);
    CHECK(!shard.read_only && !shard.stalled && !shard.lost);
  }
  CHECK_EQ(told.stored, 0u);
  CHECK_EQ(told.already_stored, 0u);
  CHECK_LE(told.failed_writes, write_errors) << "most such puts go elsewhere";
  CHECK_EQ(told.hits, 0u);
  CHECK_EQ(told.misses, 0u);
  CHECK_EQ(told.failed_reads, 0u);
  CHECK_EQ(told.removed, 0u);
  CHECK_EQ(entries, 0u);
  CHECK_EQ(payload_bytes, 0u);
}

void Report(const Clients& clients, uint64_t resident_first, uint64_t resident_last) {
  Counts told;
  for (const auto& client : clients) told.Add(client->counts());
  std::printf("%s\n",
              absl::StrCat(told.stored, " stored, ", told.already_stored, " already stored, ", told.hits, " hits, ",
                           told.misses, " misses, ", told.removed, " removed; planted faults: ", told.failed_writes,
                           " puts, ", told.failed_reads, " gets; resident: ", resident_first >> 20,
                           " MiB after a fifth of the time, ", resident_last >> 20, " MiB in the end")
                  .c_str());
}

void Soak(absl::Duration length, uint64_t seed) {
  for (size_t device = 0; device < kDevices; ++device) {
    std::filesystem::remove(PathOf(device));
    const CreateStoreOptions options{
        .capacity_bytes = kDeviceBytes, .payload_bytes = 64 << 10, .file = {.buffered = true}};
    CHECK_EQ(CreateStore(PathOf(device), options), absl::OkStatus());
  }
  std::unique_ptr<RawBlockStore> store = OpenStore(/*fault_seed=*/seed);
  Clients clients;
  for (size_t id = 0; id < kClients; ++id) {
    clients.push_back(std::make_unique<Client>(id, store.get(), seed + 100 + id));
  }
  RunClients(clients, length / 5);
  const uint64_t resident_first = ResidentBytes();
  RunClients(clients, length * 4 / 5);
  const uint64_t resident_last = ResidentBytes();
  CheckMetrics(store->metrics(), clients);
  CHECK_EQ(store->Close(), absl::OkStatus());
  store = OpenStore(/*fault_seed=*/0);
  Report(clients, resident_first, resident_last);
  for (const auto& client : clients) {
    client->Reconnect(store.get());
    client->VerifyAll();
  }
  if (length >= kSteadyAfter) CHECK_LE(resident_last, resident_first + kGrowthMax) << "memory grows";
  CHECK_EQ(store->Close(), absl::OkStatus());
  for (size_t device = 0; device < kDevices; ++device) std::filesystem::remove(PathOf(device));
}

int Main(int argc, char** argv) {
  double seconds = 2;
  uint64_t seed = 1;
  CLI::App app("Holds a store under load to a model", "store_soak_test");
  app.add_option("--seconds", seconds, "How long")->check(CLI::Range(0.1, 86400.0))->capture_default_str();
  app.add_option("--seed", seed, "Of what is random; not 0")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  std::printf("seed %s; again: bazel run //tests/soak:store_soak_test -- --seconds=%g --seed=%s\n",
              absl::StrCat(seed).c_str(), seconds, absl::StrCat(seed).c_str());
  Soak(absl::Seconds(seconds), seed);
  return 0;
}

}  // namespace
}  // namespace slotwise

int main(int argc, char** argv) { return slotwise::Main(argc, argv); }
