// SPDX-License-Identifier: Apache-2.0
#include "rawblock/make/store_check.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "iouring/aligned_buffer.h"
#include "iouring/device.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/layout.h"
#include "rawblock/disk/metadata_io.h"
#include "rawblock/disk/metadata_stream.h"
#include "rawblock/disk/payload_transfer.h"
#include "rawblock/log/index.h"
#include "rawblock/log/session_start.h"

namespace slotwise {
namespace {

// Payloads read at once, and the memory they take together.
constexpr size_t kReadersMax = 16;
constexpr uint64_t kReadBytesMax = 256 << 20;

void AddProblem(std::string problem, StoreCheckReport* report) {
  if (report->problems.size() < StoreCheckReport::kProblemsMax) report->problems.push_back(std::move(problem));
}

DroppedEntry ViewOf(const Entry& entry) {
  return {.key = std::string(entry.key()),
          .placement = entry.placement(),
          .payload_bytes = entry.payload_bytes,
          .checksum = entry.checksum};
}

void AddBadEntry(const DroppedEntry& entry, absl::string_view problem, StoreCheckReport* report) {
  report->keys_bad.push_back(entry.key);
  AddProblem(absl::StrCat("damaged payload: ", absl::CHexEscape(entry.key), " (", entry.payload_bytes,
                          " bytes at block ", entry.placement.front().start().value(), "): ", problem),
             report);
}

// What is wrong with a payload that was read into `buffer`; empty if nothing.
std::string PayloadProblem(const absl::Status& read, const DroppedEntry& entry, std::span<const std::byte> buffer) {
  if (!read.ok()) return std::string(read.message());
  const std::span<const std::byte> payload = buffer.first(entry.payload_bytes);
  return PayloadChecksum(entry.key, entry.placement, payload) == entry.checksum ? "" : "the checksum is wrong";
}

// Reads every payload, several at a time, and compares its checksum.
class PayloadCheck {
 public:
  PayloadCheck(Device* device, const RecoveredStore& store, StoreCheckReport* report)
      : device_(device), store_(store), report_(report) {}

  absl::Status Run(absl::FunctionRef<void(uint64_t, uint64_t)> progress) {
    MakeReaders();
    for (const std::unique_ptr<Reader>& reader : readers_) ReadNext(reader.get());
    while (device_->in_flight() > 0) {
      if (absl::Status status = device_->Poll(absl::InfiniteDuration()); !status.ok()) return status;
      progress(report_->payloads_verified, report_->entries);
    }
    return absl::OkStatus();
  }

  const std::vector<EntryId>& entries_bad() const { return entries_bad_; }

 private:
  struct Reader {
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
      readers_.back()->buffer = AlignedBuffer(bytes_max, store_.header.layout.block_bytes);
    }
  }

  void ReadNext(Reader* reader) {
    while (next_ < store_.index->id_limit() && !store_.index->entry(next_).published) ++next_;
    if (next_ >= store_.index->id_limit()) return;
    reader->entry = next_++;
    const Entry& entry = store_.index->entry(reader->entry);
    reader->transfer.Start(IoRequest::Op::kRead, store_.header.layout, entry.placement(),
                           reader->buffer.span().first(entry.payload_bytes), reader->buffer.size(), device_,
                           [this, reader] {
                             Verify(*reader);
                             ReadNext(reader);
                           });
  }

  void Verify(const Reader& reader) {
    const Entry& entry = store_.index->entry(reader.entry);
    ++report_->payloads_verified;
    const std::string problem = PayloadProblem(reader.transfer.status(), ViewOf(entry), reader.buffer.span());
    if (problem.empty()) return;
    entries_bad_.push_back(reader.entry);
    AddBadEntry(ViewOf(entry), problem, report_);
  }

  Device* const device_;
  const RecoveredStore& store_;
  StoreCheckReport* const report_;
  std::vector<std::unique_ptr<Reader>> readers_;
  std::vector<EntryId> entries_bad_;
  EntryId next_ = 0;
};

// Whether the payload of an entry that lost its place to others is there all the
// same: then it is the others that were wrong.
absl::StatusOr<bool> PayloadIsThere(Device* device, const Layout& layout, const DroppedEntry& entry) {
  AlignedBuffer buffer(layout.BlocksFor(entry.payload_bytes).value() * layout.block_bytes, layout.block_bytes);
  PayloadTransfer transfer;
  transfer.Start(IoRequest::Op::kRead, layout, entry.placement, buffer.span().first(entry.payload_bytes), buffer.size(),
                 device, [] {});
  while (device->in_flight() > 0) {
    if (absl::Status status = device->Poll(absl::InfiniteDuration()); !status.ok()) return status;
  }
  return PayloadProblem(transfer.status(), entry, buffer.span()).empty();
}

void DropBad(const std::vector<EntryId>& entries_bad, RecoveredStore* store) {
  for (const EntryId id : entries_bad) {
    store->allocator->Free(store->index->entry(id).placement());
    store->index->Unpublish(id);
    store->index->Erase(id);
  }
}

// Takes back the entries that had lost their place to bad ones.
absl::Status Readmit(Device* device, RecoveredStore* store) {
  for (const DroppedEntry& entry : store->dropped) {
    if (store->index->size() >= store->header.max_entries || !store->allocator->Mark(entry.placement)) continue;
    const absl::StatusOr<bool> there = PayloadIsThere(device, store->header.layout, entry);
    if (!there.ok()) return there.status();
    if (*there) {
      store->index->Insert(entry.key, entry.placement, entry.payload_bytes, entry.checksum);
    } else {
      store->allocator->Free(entry.placement);
    }
  }
  return absl::OkStatus();
}

// Makes what the index holds the newest checkpoint, in a session of its own, and heals the blocks of the journal that
// could not be read: they hold nothing that counts any more.
absl::Status WriteRepaired(Device* device, RecoveredStore* store) {
  if (absl::Status status = StartSession(device, RandomSessionNumber(), true, store); !status.ok()) return status;
  const uint32_t block_bytes = std::max(MetadataStream::kBlockBytes, device->alignment());
  const AlignedBuffer zeros(block_bytes, block_bytes);
  for (const uint64_t offset : store->unreadable) {
    if (absl::Status status = WriteBytes(device, offset, zeros.span()); !status.ok()) return status;
  }
  return FlushDevice(device);
}

void AddMetadataProblems(const RecoveredStore& store, StoreCheckReport* report) {
  if (store.report.superblock_copies_bad > 0) {
    AddProblem(absl::StrCat(store.report.superblock_copies_bad, " of the superblock copies are damaged"), report);
  }
  for (const std::string& damage : store.damage) AddProblem(damage, report);
  if (!store.unreadable.empty()) {
    AddProblem(absl::StrCat(store.unreadable.size(), " blocks of the journal cannot be read, the first at byte ",
                            store.unreadable.front()),
               report);
  }
  for (const DroppedEntry& entry : store.dropped) {
    AddBadEntry(entry, "its place belongs to another entry, or does not suit the engine", report);
  }
}

void CountEntries(const Index& index, StoreCheckReport* report) {
  report->entries = index.published();
  report->payload_bytes = 0;
  for (EntryId id = 0; id < index.id_limit(); ++id) {
    if (index.entry(id).published) report->payload_bytes += index.entry(id).payload_bytes;
  }
}

}  // namespace

absl::StatusOr<StoreCheckReport> CheckStore(Device* device, const StoreCheckOptions& options,
                                            absl::FunctionRef<void(uint64_t done, uint64_t total)> progress) {
  absl::StatusOr<RecoveredStore> store = Recover(device);
  if (!store.ok()) return store.status();
  StoreCheckReport report;
  report.recovery = store->report;
  CountEntries(*store->index, &report);
  AddMetadataProblems(*store, &report);
  store->index->CheckInvariants();
  store->allocator->CheckInvariants();
  PayloadCheck payloads(device, *store, &report);
  if (options.payloads || options.repair) {
    if (absl::Status status = payloads.Run(progress); !status.ok()) return status;
  }
  if (!options.repair || report.ok()) return report;
  DropBad(payloads.entries_bad(), &*store);
  if (absl::Status status = Readmit(device, &*store); !status.ok()) return status;
  if (absl::Status status = WriteRepaired(device, &*store); !status.ok()) return status;
  CountEntries(*store->index, &report);
  report.repaired = true;
  return report;
}

}  // namespace slotwise
