// SPDX-License-Identifier: Apache-2.0
#include "rawblock/testing/temporary_store.h"

#include <unistd.h>

#include <cstdlib>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "glog/logging.h"
#include "iouring/create_file.h"

namespace slotwise {
namespace {

std::string TemporaryPath() {
  const char* directory = std::getenv("TEST_TMPDIR");
  std::string path = absl::StrCat(directory != nullptr ? directory : "/tmp", "/slotwise_store_XXXXXX");
  const int fd = mkstemp(path.data());
  PCHECK(fd >= 0) << path;
  PCHECK(close(fd) == 0);
  PCHECK(unlink(path.c_str()) == 0);
  return path;
}

}  // namespace

AllocatorOptions EngineOptions(AllocatorOptions::Engine engine, const Layout& layout, uint64_t full_bytes) {
  AllocatorOptions options;
  options.engine = engine;
  options.fixed_slot = layout.BlocksFor(full_bytes);
  const BlockCount full = layout.BlocksFor(full_bytes);
  options.slab = SlabDefaults(BlockCount(layout.data_blocks), {&full, 1});
  return options;
}

TemporaryStore::TemporaryStore(const Options& options) : options_(options), path_(TemporaryPath()) {
  CHECK_EQ(CreateFile(path_, options.bytes).status(), absl::OkStatus());
  OpenDeviceFile();
  FormatOptions format;
  format.max_entries = options.max_entries;
  format.uuid = {1, 2, 3};
  format.salt = 42;
  const absl::StatusOr<Layout> layout = PlanLayout(format, device().size(), device().alignment());
  CHECK_EQ(layout.status(), absl::OkStatus());
  format.allocator = EngineOptions(options.engine, *layout, options.full_bytes);
  CHECK_EQ(FormatStore(&device(), format), absl::OkStatus());
  CHECK_EQ(Open(), absl::OkStatus());
}

TemporaryStore::~TemporaryStore() {
  Abandon();
  unlink(path_.c_str());
}

void TemporaryStore::OpenDeviceFile() {
  absl::StatusOr<OpenedDevice> opened = OpenDevice(path_, OpenDeviceOptions());
  CHECK_EQ(opened.status(), absl::OkStatus());
  opened_ = *std::move(opened);
}

void TemporaryStore::Abandon() {
  core_.reset();
  opened_.device.reset();
}

absl::Status TemporaryStore::Open() {
  if (opened_.device == nullptr) OpenDeviceFile();
  absl::StatusOr<std::unique_ptr<RawBlockCore>> core = RawBlockCore::Open(opened_.device.get(), &clock_, options_.core);
  if (!core.ok()) return core.status();
  core_ = *std::move(core);
  return absl::OkStatus();
}

absl::Status TemporaryStore::Crash() {
  Abandon();
  return Open();
}

absl::Status TemporaryStore::Reopen() {
  if (absl::Status status = core_->Close(); !status.ok()) return status;
  return Crash();
}

void TemporaryStore::Await(const bool& done) {
  while (!done) CHECK_EQ(core_->Poll(absl::Seconds(10)), absl::OkStatus());
}

absl::StatusOr<PutOutcome> TemporaryStore::Put(std::string_view key, std::span<const std::byte> payload,
                                               const PutOptions& options) {
  bool done = false;
  absl::StatusOr<PutOutcome> result = absl::UnknownError("");
  core_->Put(key, payload, options, [&](absl::StatusOr<PutOutcome> outcome) {
    result = std::move(outcome);
    done = true;
  });
  Await(done);
  return result;
}

absl::StatusOr<std::vector<std::byte>> TemporaryStore::Get(std::string_view key) {
  std::vector<std::byte> payload(core_->Exists(key).value_or(0));
  bool done = false;
  absl::StatusOr<uint64_t> result = absl::UnknownError("");
  core_->Get(key, payload, [&](absl::StatusOr<uint64_t> bytes) {
    result = std::move(bytes);
    done = true;
  });
  Await(done);
  if (!result.ok()) return result.status();
  CHECK_EQ(*result, payload.size());
  return payload;
}

absl::Status TemporaryStore::AwaitStatus(absl::FunctionRef<void(RawBlockCore::Done)> start) {
  bool done = false;
  absl::Status result;
  start([&](absl::Status status) {
    result = std::move(status);
    done = true;
  });
  Await(done);
  return result;
}

absl::Status TemporaryStore::Remove(std::string_view key, const RemoveOptions& options) {
  return AwaitStatus([&](RawBlockCore::Done done) { core_->Remove(key, options, std::move(done)); });
}

absl::Status TemporaryStore::Flush() {
  return AwaitStatus([&](RawBlockCore::Done done) { core_->Flush(std::move(done)); });
}

absl::Status TemporaryStore::Checkpoint() {
  return AwaitStatus([&](RawBlockCore::Done done) { core_->Checkpoint(std::move(done)); });
}

std::vector<std::byte> PatternPayload(uint64_t seed, size_t bytes) {
  std::mt19937_64 random(seed);
  std::vector<std::byte> payload(bytes);
  for (std::byte& byte : payload) byte = static_cast<std::byte>(random());
  return payload;
}

}  // namespace slotwise
