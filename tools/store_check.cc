// SPDX-License-Identifier: Apache-2.0
#include "tools/store_check.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "rawblock/aligned_buffer.h"
#include "rawblock/layout.h"
#include "rawblock/raw_block_core.h"

namespace slotwise {
namespace {

constexpr size_t kGetsInFlight = 8;

// Keys by the position of their payloads, so that the device is read in order.
std::vector<std::string> KeysInPlaceOrder(const RawBlockCore& core) {
  std::vector<std::pair<BlockIndex, std::string>> placed;
  core.ForEach(
      [&](const EntryView& entry) { placed.emplace_back(entry.placement.front().start(), std::string(entry.key)); });
  std::sort(placed.begin(), placed.end());
  std::vector<std::string> keys;
  keys.reserve(placed.size());
  for (auto& [start, key] : placed) keys.push_back(std::move(key));
  return keys;
}

uint64_t LargestPayload(const RawBlockCore& core) {
  uint64_t largest = 0;
  core.ForEach([&](const EntryView& entry) { largest = std::max(largest, entry.payload_bytes); });
  return largest;
}

// Gets every key, a few at a time, and collects those that fail.
absl::Status VerifyPayloads(RawBlockCore* core, std::vector<std::string>* keys_bad) {
  const Layout& layout = core->header().layout;
  const size_t buffer_bytes =
      layout.BlocksFor(std::max<uint64_t>(1, LargestPayload(*core))).value() * layout.block_bytes;
  AlignedBuffer arena(buffer_bytes * kGetsInFlight, layout.block_bytes);
  std::vector<size_t> free_buffers;
  for (size_t i = 0; i < kGetsInFlight; ++i) free_buffers.push_back(i);
  for (const std::string& key : KeysInPlaceOrder(*core)) {
    while (free_buffers.empty()) {
      if (absl::Status status = core->Poll(absl::InfiniteDuration()); !status.ok()) return status;
    }
    const size_t buffer = free_buffers.back();
    free_buffers.pop_back();
    core->Get(key, arena.span().subspan(buffer * buffer_bytes, buffer_bytes),
              [&free_buffers, keys_bad, buffer, key](const absl::StatusOr<uint64_t>& bytes) {
                free_buffers.push_back(buffer);
                if (!bytes.ok()) keys_bad->push_back(key);
              });
  }
  while (free_buffers.size() < kGetsInFlight) {
    if (absl::Status status = core->Poll(absl::InfiniteDuration()); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StoreCheck> CheckStore(ReadOnlyStore* store, bool payloads) {
  RawBlockCore& core = store->core();
  core.CheckInvariants();
  StoreCheck check;
  check.entries = core.occupancy().entries;
  check.payload_bytes = core.occupancy().payload_bytes;
  check.superblock_copies_bad = core.recovery().superblock_copies_bad;
  check.entries_dropped = core.recovery().entries_dropped;
  if (!payloads) return check;
  if (absl::Status status = VerifyPayloads(&core, &check.keys_bad); !status.ok()) return status;
  std::sort(check.keys_bad.begin(), check.keys_bad.end());
  return check;
}

}  // namespace slotwise
