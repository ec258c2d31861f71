// A program of somebody else's that keeps payloads in Slotwise: makes a store
// in a file, puts a payload, and gets it back.
#include <algorithm>
#include <iostream>
#include <vector>

#include "allocator/allocator_options.h"
#include "iouring/device_file.h"
#include "iouring/open_device.h"
#include "rawblock/clock.h"
#include "rawblock/format_store.h"
#include "rawblock/raw_block_core.h"

namespace {

constexpr uint64_t kFullChunkBytes = 256 << 10;

absl::Status Format(slotwise::Device* device) {
  slotwise::FormatOptions options;  // A real store fills uuid and salt with random bytes.
  const auto layout = slotwise::PlanLayout(options, device->size(), device->alignment());
  if (!layout.ok()) return layout.status();
  const slotwise::BlockCount full = layout->BlocksFor(kFullChunkBytes);
  options.allocator.engine = slotwise::AllocatorOptions::Engine::kSlab;
  options.allocator.slab = slotwise::SlabDefaults(slotwise::BlockCount(layout->data_blocks), {&full, 1});
  return slotwise::FormatStore(device, options);
}

absl::Status PutAndGet(slotwise::RawBlockCore* core) {
  const std::vector<std::byte> payload(100'000, std::byte{42});
  std::vector<std::byte> back(payload.size());
  absl::Status result = absl::UnknownError("not done");
  core->Put("model@0@0@chunk", payload, {.durability = slotwise::Durability::kDurable},
            [&](absl::StatusOr<slotwise::PutOutcome> outcome) {
              if (!outcome.ok()) result = outcome.status();
              core->Get("model@0@0@chunk", back, [&](absl::StatusOr<uint64_t> bytes) { result = bytes.status(); });
            });
  while (!core->idle()) {
    if (absl::Status status = core->Poll(absl::Seconds(1)); !status.ok()) return status;
  }
  if (result.ok() && back != payload) return absl::DataLossError("wrong bytes");
  return result;
}

absl::Status Run(const std::string& path) {
  if (absl::Status status = slotwise::CreateFile(path, 64 << 20); !status.ok()) return status;
  auto opened = slotwise::OpenDevice(path, {});
  if (!opened.ok()) return opened.status();
  if (absl::Status status = Format(opened->device.get()); !status.ok()) return status;
  slotwise::SystemClock clock;
  auto core = slotwise::RawBlockCore::Open(opened->device.get(), &clock, {});
  if (!core.ok()) return core.status();
  if (absl::Status status = PutAndGet(core->get()); !status.ok()) return status;
  return (*core)->Close();
}

}  // namespace

int main(int argc, char** argv) {
  const absl::Status status = argc == 2 ? Run(argv[1]) : absl::InvalidArgumentError("usage: main NEW_FILE");
  std::cout << status << "\n";
  return status.ok() ? 0 : 1;
}
