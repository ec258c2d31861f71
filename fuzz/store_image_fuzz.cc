// SPDX-License-Identifier: Apache-2.0
// Whole images: the metadata of a valid store is damaged, sometimes under a right
// checksum, and the store is opened, used and repaired. It may refuse, but it must
// neither crash nor hang nor return wrong bytes.
//
// The input is a list of changes, 5 bytes each; see Change.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "allocator/allocator_options.h"
#include "glog/logging.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/group.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/make/format_store.h"
#include "rawblock/make/store_check.h"
#include "rawblock/testing/memory_device.h"
#include "xxhash.h"

namespace slotwise {
namespace {

constexpr uint64_t kDeviceBytes = 4 << 20;
constexpr uint64_t kBlock = 4096;
constexpr uint64_t kSalt = 7;
constexpr size_t kChangesMax = 32;
constexpr size_t kPayloadBytesMax = 3 * kBlock;

class FixedClock : public Clock {
 public:
  absl::Time Now() override { return now_ += absl::Milliseconds(1); }
  void Sleep(absl::Duration pause) override { now_ += pause; }

 private:
  absl::Time now_ = absl::UnixEpoch();
};

// The only right payload of a key.
std::vector<std::byte> PayloadOf(std::string_view key) {
  const uint64_t hash = XXH3_64bits(key.data(), key.size());
  std::vector<std::byte> payload(1 + hash % kPayloadBytesMax);
  for (size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::byte>(hash >> (i % 57));
  return payload;
}

void Finish(RawBlockCore* core) {
  while (!core->idle()) CHECK_EQ(core->Poll(absl::InfiniteDuration()), absl::OkStatus());
}

void Put(RawBlockCore* core, const std::string& key) {
  const std::vector<std::byte> payload = PayloadOf(key);
  core->Put(key, payload, {.durability = Durability::kDurable}, [](const absl::StatusOr<PutOutcome>&) {});
  Finish(core);
}

// A store with two checkpoints, and puts and removals in the journal after them.
class ValidImage {
 public:
  ValidImage() : device_(kDeviceBytes) {
    FormatOptions options;
    options.max_entries = 64;
    options.salt = kSalt;
    options.allocator.engine = AllocatorOptions::Engine::kExtent;
    CHECK_EQ(FormatStore(&device_, options), absl::OkStatus());
    layout_ = ReadStoreHeader(&device_, nullptr)->layout;
    FixedClock clock;
    const auto core = RawBlockCore::Open(&device_, &clock, {}).value();
    for (int i = 0; i < 12; ++i) Put(core.get(), absl::StrCat("checkpointed ", i));
    core->Checkpoint([](const absl::Status& status) { CHECK_EQ(status, absl::OkStatus()); });
    Finish(core.get());
    for (int i = 0; i < 8; ++i) Put(core.get(), absl::StrCat("journalled ", i));
    for (const char* key : {"checkpointed 3", "journalled 2"}) {
      core->Remove(key, {.durability = Durability::kDurable},
                   [](const absl::Status& status) { CHECK_EQ(status, absl::OkStatus()); });
      Finish(core.get());
    }
  }

  std::span<const std::byte> bytes() { return device_.bytes(); }
  const Layout& layout() const { return layout_; }

 private:
  MemoryDevice device_;
  Layout layout_;
};

// One change of an image.
struct Change {
  uint8_t place;  // which structure; the highest bit: and make its checksum right
  uint8_t which;  // of several
  uint8_t high;   // the offset in it
  uint8_t low;
  uint8_t value;  // is XORed there; 0: the structure is copied over the next one
};
static_assert(sizeof(Change) == 5);

void FixSuperblock(std::span<std::byte> bytes) {
  const size_t end = offsetof(format::Superblock, checksum);
  const uint64_t checksum = MetadataChecksum(0, bytes.first(end));
  std::memcpy(bytes.data() + end, &checksum, sizeof(checksum));
}

void FixSession(std::span<std::byte> bytes) {
  const size_t end = offsetof(format::SessionBlock, checksum);
  const uint64_t checksum = MetadataChecksum(kSalt, bytes.first(end));
  std::memcpy(bytes.data() + end, &checksum, sizeof(checksum));
}

void FixCheckpointHeader(std::span<std::byte> bytes) {
  const size_t end = offsetof(format::CheckpointHeader, checksum);
  const uint64_t checksum = MetadataChecksum(kSalt, bytes.first(end));
  std::memcpy(bytes.data() + end, &checksum, sizeof(checksum));
}

void FixGroup(std::span<std::byte> bytes) {
  format::GroupHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.record_bytes > kBlock - sizeof(header)) return;
  const std::vector<std::byte> records(bytes.begin() + sizeof(header),
                                       bytes.begin() + sizeof(header) + header.record_bytes);
  EncodeGroup({.magic = header.magic,
               .record_count = header.record_count,
               .sequence = header.sequence,
               .owner = header.owner,
               .session = header.session,
               .previous = header.previous,
               .records = records},
              kSalt, bytes.first(kBlock));
}

void Apply(const Change& change, const Layout& layout, std::span<std::byte> image) {
  using Fix = void (*)(std::span<std::byte>);
  struct Place {
    uint64_t offset;
    uint64_t stride;
    uint64_t count;
    Fix fix;
  };
  const uint64_t last_header = layout.checkpoint_bytes - layout.block_bytes;
  const std::array<Place, 6> places = {{
      {0, format::kSuperblockStride, format::kSuperblockCopies, &FixSuperblock},
      {layout.journal_offset + format::kGroupBytesMax, kBlock, 40, &FixGroup},  // where the first session begins
      {layout.checkpoint_offset[0], layout.checkpoint_bytes, 2, &FixCheckpointHeader},
      {layout.checkpoint_offset[0] + kBlock, layout.checkpoint_bytes, 2, &FixGroup},
      {layout.checkpoint_offset[0] + last_header, layout.checkpoint_bytes, 2, &FixCheckpointHeader},
      {format::kSessionOffset, format::kSuperblockStride, format::kSuperblockCopies, &FixSession},
  }};
  const Place& place = places[change.place % places.size()];
  const auto at = [&](uint64_t which) {
    return image.subspan(place.offset + which % place.count * place.stride, kBlock);
  };
  const std::span<std::byte> target = at(change.which);
  if (change.value == 0) std::memmove(at(change.which + 1).data(), target.data(), target.size());
  target[(change.high * 256u + change.low) % kBlock] ^= std::byte{change.value};
  if (change.place & 0x80) place.fix(target);
}

void ExpectRightBytes(RawBlockCore* core) {
  std::vector<std::string> keys;
  core->ForEach([&](const EntryView& entry) { keys.emplace_back(entry.key); });
  for (const std::string& key : keys) {
    std::vector<std::byte> payload(core->Exists(key).value_or(0));
    if (payload.size() > kDeviceBytes) continue;
    core->Get(key, payload, [&](const absl::StatusOr<uint64_t>& bytes) {
      if (bytes.ok()) CHECK(payload == PayloadOf(key)) << "wrong bytes of " << key;
    });
    Finish(core);
  }
}

// Opens the store if it can be, uses it, and opens it again. One that can be checked can be opened.
bool Use(MemoryDevice* device) {
  FixedClock clock;
  absl::StatusOr<std::unique_ptr<RawBlockCore>> core = RawBlockCore::Open(device, &clock, {});
  if (!core.ok()) return false;
  ExpectRightBytes(core->get());
  for (int i = 0; i < 3; ++i) Put(core->get(), absl::StrCat("new ", i));
  ExpectRightBytes(core->get());
  (*core)->CheckInvariants();
  CHECK_EQ((*core)->Close(), absl::OkStatus());
  const uint64_t entries = (*core)->occupancy().entries;
  core = RawBlockCore::Open(device, &clock, {});
  CHECK_EQ(core.status(), absl::OkStatus());
  CHECK_EQ((*core)->occupancy().entries, entries);
  ExpectRightBytes(core->get());
  return true;
}

void Run(std::span<const uint8_t> input) {
  static ValidImage* const valid = new ValidImage;
  MemoryDevice device(kDeviceBytes);
  std::memcpy(device.bytes().data(), valid->bytes().data(), kDeviceBytes);  // a loop would be instrumented
  for (size_t i = 0; i < kChangesMax && input.size() >= sizeof(Change); ++i, input = input.subspan(sizeof(Change))) {
    Change change;
    std::memcpy(&change, input.data(), sizeof(change));
    Apply(change, valid->layout(), device.bytes());
  }
  const auto no_progress = [](uint64_t, uint64_t) {};
  MemoryDevice repaired(kDeviceBytes);
  std::memcpy(repaired.bytes().data(), device.bytes().data(), kDeviceBytes);
  const absl::StatusOr<StoreCheckReport> checked = CheckStore(&device, {.payloads = true}, no_progress);
  const bool opens = Use(&device);
  CHECK_EQ(opens, checked.ok()) << checked.status();
  if (!opens) return;
  CHECK_EQ(CheckStore(&repaired, {.repair = true}, no_progress).status(), absl::OkStatus());
  const absl::StatusOr<StoreCheckReport> after = CheckStore(&repaired, {.payloads = true}, no_progress);
  CHECK_EQ(after.status(), absl::OkStatus());
  CHECK(after->ok()) << after->problems.front();
  CHECK(Use(&repaired)) << "a repaired store does not open";
}

}  // namespace
}  // namespace slotwise

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  slotwise::Run({data, size});
  return 0;
}
