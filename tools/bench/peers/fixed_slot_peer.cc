// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/fixed_slot_peer.h"

#include <fcntl.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/bench/peers/file_io.h"

namespace slotwise {

absl::StatusOr<std::unique_ptr<Peer>> FixedSlotPeer::Open(const PeerOptions& options) {
  absl::StatusOr<UniqueFd> direct = OpenFile(options.devices.front(), O_RDWR | O_DIRECT);
  if (!direct.ok()) return direct.status();
  absl::StatusOr<UniqueFd> buffered = OpenFile(options.devices.front(), O_RDONLY);
  if (!buffered.ok()) return buffered.status();
  return std::unique_ptr<Peer>(new FixedSlotPeer(options, *std::move(direct), *std::move(buffered)));
}

FixedSlotPeer::FixedSlotPeer(const PeerOptions& options, UniqueFd direct, UniqueFd buffered)
    : slot_bytes_(options.payload_bytes),
      direct_(std::move(direct)),
      buffered_(std::move(buffered)),
      workers_(options.workers) {}

absl::Status FixedSlotPeer::Put(const Batch& batch) {
  return workers_.Run(batch.keys.size(), [&](size_t i) { return PutOne(batch.keys[i], batch.payload(i)); });
}

// Published after it has been written.
absl::Status FixedSlotPeer::PutOne(const std::string& key, std::span<const std::byte> payload) {
  uint64_t slot = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (slots_.contains(key)) return absl::OkStatus();
    slot = slots_taken_++;
  }
  if (absl::Status written = WriteFully(direct_, payload, slot * slot_bytes_); !written.ok()) return written;
  const std::lock_guard<std::mutex> lock(mutex_);
  slots_.emplace(key, slot);
  return absl::OkStatus();
}

absl::Status FixedSlotPeer::Get(const Batch& batch) {
  return workers_.Run(batch.keys.size(), [&](size_t i) { return GetOne(batch.keys[i], batch.payload(i)); });
}

absl::Status FixedSlotPeer::GetOne(const std::string& key, std::span<std::byte> payload) {
  uint64_t slot = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = slots_.find(key);
    if (found == slots_.end()) return absl::NotFoundError(absl::StrCat("no slot holds ", key));
    slot = found->second;
  }
  return ReadFully(*read_from_, payload, slot * slot_bytes_);
}

absl::Status FixedSlotPeer::Flush() { return SyncFile(direct_); }

absl::Status FixedSlotPeer::PrepareGets(ReadPath path) {
  read_from_ = path == ReadPath::kDevice ? &direct_ : &buffered_;
  return absl::OkStatus();
}

absl::Status FixedSlotPeer::Close() { return absl::OkStatus(); }

}  // namespace slotwise
