// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "slotwise/unique_fd.h"
#include "tools/bench/peers/file_io.h"
#include "tools/bench/peers/peers.h"
#include "tools/bench/peers/worker_pool.h"

namespace slotwise {
namespace {

class FixedSlotPeer final : public Peer {
 public:
  static absl::StatusOr<std::unique_ptr<Peer>> Open(const PeerOptions& options);

  absl::Status Put(const Batch& batch) override;
  absl::Status Get(const Batch& batch) override;
  absl::Status Flush() override;
  absl::Status PrepareGets(ReadPath path) override;
  absl::Status Close() override;

 private:
  FixedSlotPeer(const PeerOptions& options, UniqueFd direct, UniqueFd buffered);

  absl::Status PutOne(const std::string& key, std::span<const std::byte> payload);
  absl::Status GetOne(const std::string& key, std::span<std::byte> payload);

  const uint64_t slot_bytes_;
  const UniqueFd direct_;
  const UniqueFd buffered_;
  const UniqueFd* read_from_ = &direct_;
  std::mutex mutex_;  // of the next two
  absl::flat_hash_map<std::string, uint64_t> slots_;
  uint64_t slots_taken_ = 0;
  WorkerPool workers_;
};

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

}  // namespace

absl::StatusOr<std::unique_ptr<Peer>> OpenFixedSlotPeer(const PeerOptions& options) {
  return FixedSlotPeer::Open(options);
}

}  // namespace slotwise
