// SPDX-License-Identifier: Apache-2.0
#include "rawblock/store_check.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "rawblock/aligned_buffer.h"
#include "rawblock/checksum.h"
#include "rawblock/index.h"
#include "rawblock/io_queue.h"
#include "rawblock/payload_transfer.h"

namespace slotwise {
namespace {

// Payloads read at once, and the memory they take together.
constexpr size_t kReadersMax = 16;
constexpr uint64_t kReadBytesMax = 256 << 20;

void AddProblem(std::string problem, StoreCheckReport* report) {
  if (report->problems.size() < StoreCheckReport::kProblemsMax) report->problems.push_back(std::move(problem));
}

// Reads every payload, several at a time, and compares its checksum.
class PayloadCheck {
 public:
  PayloadCheck(Device* device, const RecoveredStore& store, StoreCheckReport* report)
      : queue_(device), store_(store), report_(report) {}

  absl::Status Run(absl::FunctionRef<void(uint64_t, uint64_t)> progress) {
    MakeReaders();
    for (const std::unique_ptr<Reader>& reader : readers_) ReadNext(reader.get());
    while (!queue_.empty()) {
      if (absl::Status status = queue_.Poll(absl::InfiniteDuration()); !status.ok()) return status;
      progress(report_->payloads_verified, report_->entries);
    }
    return absl::OkStatus();
  }

 private:
  struct Reader {
    PayloadCheck* check;
    EntryId entry = 0;
    AlignedBuffer buffer;
    PayloadTransfer transfer;
  };

  void MakeReaders() {
    uint64_t bytes_max = store_.header.layout.block_bytes;
    for (EntryId id = 0; id < store_.index->id_limit(); ++id) {
      bytes_max = std::max<uint64_t>(bytes_max, store_.index->entry(id).payload_bytes);
    }
    bytes_max = store_.header.layout.BlocksFor(bytes_max).value() * store_.header.layout.block_bytes;
    const size_t count = std::clamp<uint64_t>(kReadBytesMax / bytes_max, 1, kReadersMax);
    for (size_t i = 0; i < count; ++i) {
      readers_.push_back(std::make_unique<Reader>());
      readers_.back()->check = this;
      readers_.back()->buffer = AlignedBuffer(bytes_max, store_.header.layout.block_bytes);
    }
  }

  void ReadNext(Reader* reader) {
    while (next_ < store_.index->id_limit() && !store_.index->entry(next_).published) ++next_;
    if (next_ >= store_.index->id_limit()) return;
    reader->entry = next_++;
    const Entry& entry = store_.index->entry(reader->entry);
    reader->transfer.Start(
        IoRequest::Op::kRead, store_.header.layout, entry.placement(), reader->buffer.span().first(entry.payload_bytes),
        reader->buffer.size(), &queue_,
        [](void* context) {
          auto* done = static_cast<Reader*>(context);
          done->check->Verify(*done);
          done->check->ReadNext(done);
        },
        reader);
  }

  void Verify(const Reader& reader) {
    const Entry& entry = store_.index->entry(reader.entry);
    const std::span<const std::byte> payload = reader.buffer.span().first(entry.payload_bytes);
    ++report_->payloads_verified;
    std::string problem;
    if (!reader.transfer.status().ok()) {
      problem = std::string(reader.transfer.status().message());
    } else if (PayloadChecksum(entry.key(), entry.placement(), payload) != entry.checksum) {
      problem = "checksum is wrong";
    } else {
      return;
    }
    ++report_->payloads_damaged;
    const absl::string_view key(entry.key().data(), entry.key().size());
    AddProblem(absl::StrCat("payload of key \"", absl::CHexEscape(key), "\" (", entry.payload_bytes, " bytes at block ",
                            entry.placement().front().start().value(), "): ", problem),
               report_);
  }

  IoQueue queue_;
  const RecoveredStore& store_;
  StoreCheckReport* const report_;
  std::vector<std::unique_ptr<Reader>> readers_;
  EntryId next_ = 0;
};

}  // namespace

absl::StatusOr<StoreCheckReport> CheckStore(Device* device, bool payloads,
                                            absl::FunctionRef<void(uint64_t done, uint64_t total)> progress) {
  absl::StatusOr<RecoveredStore> store = Recover(device);
  if (!store.ok()) return store.status();
  StoreCheckReport report;
  report.recovery = store->report;
  report.entries = store->index->published();
  for (EntryId id = 0; id < store->index->id_limit(); ++id) {
    if (store->index->entry(id).published) report.payload_bytes += store->index->entry(id).payload_bytes;
  }
  if (report.recovery.superblock_copies_bad > 0) {
    AddProblem(absl::StrCat(report.recovery.superblock_copies_bad, " superblock copies are damaged"), &report);
  }
  for (const DroppedEntry& dropped : store->dropped) {
    AddProblem(
        absl::StrCat("entry \"", absl::CHexEscape(dropped.key), "\" overlaps another or does not fit the engine"),
        &report);
  }
  store->allocator->CheckInvariants();
  if (payloads) {
    absl::Status status = PayloadCheck(device, *store, &report).Run(progress);
    if (!status.ok()) return status;
  }
  return report;
}

}  // namespace slotwise
