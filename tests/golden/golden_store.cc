// SPDX-License-Identifier: Apache-2.0
#include "tests/golden/golden_store.h"

#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/disk/layout.h"
#include "rawblock/make/format_store.h"

namespace slotwise {
namespace {

constexpr int kEntries = 24;
constexpr int kCheckpointed = 16;
constexpr size_t kPayloadBytesMax = 48 << 10;

class StoppedClock : public Clock {
 public:
  absl::Time Now() override { return absl::FromUnixSeconds(kGoldenCreated); }
  void Sleep(absl::Duration /*pause*/) override {}
};

std::string GoldenKey(int i) { return absl::StrCat(std::string(i * 8, 'k'), i); }

// Numerical Recipes' linear congruential generator, so that it is the same for
// ever; 16 values a byte, so that images compress.
std::vector<std::byte> GoldenPayload(uint32_t seed, size_t bytes) {
  std::vector<std::byte> payload(bytes);
  uint32_t state = seed;
  for (std::byte& byte : payload) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<std::byte>(state >> 28);
  }
  return payload;
}

std::vector<std::byte> FirstPayload(int i) { return GoldenPayload(i, 1 + i * 997 % 9000); }

// Every sixth key is put again, with another payload.
bool IsReplaced(int i) { return i % 6 == 5; }
std::vector<std::byte> SecondPayload(int i) { return GoldenPayload(100 + i, i == 5 ? kPayloadBytesMax : 5000 + i); }

// Every seventh is removed.
bool IsRemoved(int i) { return i % 7 == 3; }

void Finish(RawBlockCore* core) {
  while (!core->idle()) CHECK_EQ(core->Poll(absl::InfiniteDuration()), absl::OkStatus());
}

void Put(RawBlockCore* core, std::string_view key, const std::vector<std::byte>& payload) {
  core->Put(key, payload, {.durability = Durability::kDurable, .replace = true},
            [](const absl::StatusOr<PutOutcome>& outcome) { CHECK_EQ(outcome.status(), absl::OkStatus()); });
  Finish(core);
}

void Remove(RawBlockCore* core, std::string_view key) {
  core->Remove(key, {.durability = Durability::kDurable},
               [](const absl::Status& status) { CHECK_EQ(status, absl::OkStatus()); });
  Finish(core);
}

AllocatorOptions GoldenAllocator(AllocatorOptions::Engine engine) {
  AllocatorOptions options;
  options.engine = engine;
  options.slab.segment = BlockCount(16);
  options.slab.partial_min = BlockCount(1);
  options.slab.partial_max = BlockCount(8);
  options.slab.full_sizes = {BlockCount(12)};
  return options;
}

void Format(AllocatorOptions::Engine engine, MemoryDevice* device) {
  FormatOptions options;
  options.max_entries = kGoldenEntriesMax;
  options.max_key_bytes = 192;  // as when the images were made
  options.uuid = {0x51, 0x07, 0x31, 0x53, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, static_cast<uint8_t>(engine)};
  options.salt = kGoldenSalt;
  options.created = absl::FromUnixSeconds(kGoldenCreated);
  options.allocator = GoldenAllocator(engine);
  CHECK_EQ(FormatStore(device, options), absl::OkStatus());
}

}  // namespace

std::map<std::string, std::vector<std::byte>> GoldenEntries() {
  std::map<std::string, std::vector<std::byte>> entries;
  for (int i = 0; i < kEntries; ++i) {
    if (!IsRemoved(i)) entries[GoldenKey(i)] = IsReplaced(i) ? SecondPayload(i) : FirstPayload(i);
  }
  return entries;
}

std::vector<std::string> GoldenRemovedKeys() {
  std::vector<std::string> keys;
  for (int i = 0; i < kEntries; ++i) {
    if (IsRemoved(i)) keys.push_back(GoldenKey(i));
  }
  return keys;
}

void MakeGoldenStore(AllocatorOptions::Engine engine, MemoryDevice* device) {
  Format(engine, device);
  StoppedClock clock;
  const std::unique_ptr<RawBlockCore> core = RawBlockCore::Open(device, &clock, {.session = 2}).value();
  for (int i = 0; i < kEntries; ++i) {
    Put(core.get(), GoldenKey(i), FirstPayload(i));
    if (i + 1 != kCheckpointed) continue;
    core->Checkpoint([](const absl::Status& status) { CHECK_EQ(status, absl::OkStatus()); });
    Finish(core.get());
  }
  for (int i = 0; i < kEntries; ++i) {
    if (IsReplaced(i)) Put(core.get(), GoldenKey(i), SecondPayload(i));
    if (IsRemoved(i)) Remove(core.get(), GoldenKey(i));
  }
}

}  // namespace slotwise
