// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/raw_block_core.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/aligned_buffer.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/payload_transfer.h"
#include "rawblock/disk/record.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/eviction/eviction_policies.h"

namespace slotwise {
namespace {

// Copies for unaligned callers take at most this much memory together, or one
// operation's, whichever is more.
constexpr uint64_t kStagingBytesMax = 64 << 20;

// How often a put that can evict nothing waits for other operations.
constexpr int kFruitlessRoundsMax = 256;
// A round evicts a quarter of what a put wants at first, and at most twice as much.
constexpr int kRoundDoublingsMax = 3;

}  // namespace

// One call on its way through the core. Reused, so that a steady state does not
// allocate.
struct RawBlockCore::Operation {
  enum class Kind { kPut, kGet, kRemove, kFlush, kCheckpoint };

  RawBlockCore* core = nullptr;
  Kind kind = Kind::kFlush;
  std::string key;
  std::span<std::byte> memory;  // the caller's: source of a put, destination of a get
  uint64_t payload_bytes = 0;
  PutOptions put_options;
  RemoveOptions remove_options;
  PutDone put_done;
  GetDone get_done;
  Done done;

  Arrival arrival;
  Placement placement;
  EntryId entry = 0;
  uint64_t checksum = 0;
  AlignedBuffer staging;
  PayloadTransfer transfer;
  std::vector<Operation*> followers;  // puts of the same key that came later
  Lsn awaited;
  uint64_t evicted_blocks = 0;
  int evictions = 0;
  int eviction_rounds = 0;
  int fruitless_rounds = 0;
  bool waited_for_others = false;

  PutOutcome outcome = PutOutcome::kStored;
  absl::Status status;
  absl::Time stage_began;

  void Reset(RawBlockCore* owner, Kind new_kind) {
    core = owner;
    kind = new_kind;
    key.clear();
    memory = {};
    payload_bytes = 0;
    staging = AlignedBuffer();
    awaited = Lsn();
    evictions = 0;
    evicted_blocks = 0;
    waited_for_others = false;
    eviction_rounds = 0;
    fruitless_rounds = 0;
    outcome = PutOutcome::kStored;
    status = absl::OkStatus();
  }
};

absl::StatusOr<std::unique_ptr<RawBlockCore>> RawBlockCore::Open(Device* device, Clock* clock,
                                                                 const CoreOptions& options) {
  absl::StatusOr<RecoveredStore> recovered = Recover(device);
  if (!recovered.ok()) return recovered.status();
  const std::vector<DroppedEntry> dropped = std::move(recovered->dropped);
  std::unique_ptr<RawBlockCore> core(new RawBlockCore(device, clock, options, *std::move(recovered)));
  if (absl::Status status = core->BeginSession(dropped); !status.ok()) return status;
  return core;
}

RawBlockCore::RawBlockCore(Device* device, Clock* clock, const CoreOptions& options, RecoveredStore recovered)
    : options_(options),
      clock_(clock),
      header_(std::move(recovered.header)),
      recovery_(recovered.report),
      device_(device),
      index_(std::move(recovered.index)),
      allocator_(std::move(recovered.allocator)),
      policy_(MakeEvictionPolicy(options.policy, header_.layout.data_blocks)),
      evictor_(policy_.get()),
      journal_(header_.layout, header_.salt, recovered.journal_next, recovered.journal_tail, device_),
      checkpoint_(header_.layout, header_.salt, index_.get(), device_),
      checkpoint_sequence_(recovered.report.checkpoint_sequence) {
  for (EntryId id = 0; id < index_->id_limit(); ++id) {
    const Entry& entry = index_->entry(id);
    if (!entry.published) continue;
    payload_bytes_ += entry.payload_bytes;
    payload_blocks_ += entry.placement().blocks();
    if (policy_ != nullptr) {
      policy_->Track(id, {.key_hash = index_->HashOf(entry.key()), .size = entry.placement().blocks().value()});
    }
  }
}

RawBlockCore::~RawBlockCore() {
  while (device_->in_flight() > 0 && device_->Poll(absl::InfiniteDuration()).ok()) {
  }
}

absl::Status RawBlockCore::BeginSession(const std::vector<DroppedEntry>& dropped) {
  if (recovery_.superblock_copies_bad > 0) {
    if (absl::Status status = HealSuperblocks(device_, header_); !status.ok()) return status;
  }
  // Overwrites what a crash may have torn, so that it can never be read again.
  journal_.Append({.type = format::RecordType::kOpen, .key = {}, .placement = {}});
  for (const DroppedEntry& entry : dropped) {
    journal_.Append(RemovalRecord(index_->HashOf(entry.key), entry.placement));
  }
  absl::Status flushed;
  Flush([&flushed](absl::Status status) { flushed = std::move(status); });
  while (!idle()) {
    if (absl::Status status = Poll(absl::InfiniteDuration()); !status.ok()) return status;
  }
  return flushed;
}

// --- Operations ---------------------------------------------------------------

RawBlockCore::Operation* RawBlockCore::NewOperation() {
  if (idle_operations_.empty()) {
    operations_.push_back(std::make_unique<Operation>());
    return operations_.back().get();
  }
  Operation* operation = idle_operations_.back();
  idle_operations_.pop_back();
  return operation;
}

void RawBlockCore::Complete(Operation* operation, absl::Status status) {
  operation->status = std::move(status);
  completed_.push_back(operation);
}

void RawBlockCore::RunCompleted() {
  std::vector<Operation*> completed;
  completed.swap(completed_);
  for (Operation* operation : completed) {
    absl::Status status = std::move(operation->status);
    switch (operation->kind) {
      case Operation::Kind::kPut: {
        PutDone done = std::move(operation->put_done);
        const PutOutcome outcome = operation->outcome;
        idle_operations_.push_back(operation);
        done(status.ok() ? absl::StatusOr<PutOutcome>(outcome) : absl::StatusOr<PutOutcome>(std::move(status)));
        break;
      }
      case Operation::Kind::kGet: {
        GetDone done = std::move(operation->get_done);
        const uint64_t bytes = operation->payload_bytes;
        idle_operations_.push_back(operation);
        done(status.ok() ? absl::StatusOr<uint64_t>(bytes) : absl::StatusOr<uint64_t>(std::move(status)));
        break;
      }
      default: {
        Done done = std::move(operation->done);
        idle_operations_.push_back(operation);
        done(std::move(status));
      }
    }
  }
}

void RawBlockCore::Put(std::string_view key, std::span<const std::byte> payload, const PutOptions& options,
                       PutDone done) {
  ++statistics_.puts;
  Operation* put = NewOperation();
  put->Reset(this, Operation::Kind::kPut);
  put->key = key;
  put->memory = {const_cast<std::byte*>(payload.data()), payload.size()};  // only read
  put->payload_bytes = payload.size();
  put->put_options = options;
  put->put_done = std::move(done);
  BeginStages(put);
  if (absl::Status status = CheckPut(*put); !status.ok()) return Complete(put, std::move(status));
  StartPut(put);
}

absl::Status RawBlockCore::CheckPut(const Operation& put) const {
  if (!fault_.ok()) return fault_;
  if (put.key.empty() || put.key.size() > header_.max_key_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a key of ", put.key.size(), " bytes; this store takes 1 to ", header_.max_key_bytes));
  }
  if (put.payload_bytes == 0) return absl::InvalidArgumentError("an empty payload");
  const uint64_t bytes_max = std::min<uint64_t>(std::numeric_limits<uint32_t>::max(),
                                                allocator_->largest_allocation().value() * header_.layout.block_bytes);
  if (put.payload_bytes > bytes_max) {
    return absl::OutOfRangeError(absl::StrCat("a payload of ", put.payload_bytes,
                                              " bytes; the largest that this store can place has ", bytes_max));
  }
  return absl::OkStatus();
}

void RawBlockCore::StartPut(Operation* put) {
  if (!fault_.ok()) return Complete(put, fault_);
  if (const auto it = puts_by_key_.find(put->key); it != puts_by_key_.end()) {
    it->second->followers.push_back(put);
    return;
  }
  const std::optional<EntryId> stored = index_->Find(put->key);
  if (stored.has_value() && !put->put_options.replace) {
    if (policy_ != nullptr) policy_->Touch(*stored);
    ++statistics_.already_stored;
    put->outcome = PutOutcome::kAlreadyStored;
    if (put->put_options.durability == Durability::kBatched) return Complete(put, absl::OkStatus());
    return AwaitDurable(put, journal_.next_lsn());
  }
  puts_by_key_.emplace(put->key, put);
  put->arrival = {.key_hash = index_->HashOf(put->key), .size = allocator_->FootprintOf(BlocksOf(*put)).value()};
  if (policy_ != nullptr && !stored.has_value()) {
    put->arrival = policy_->Arrive(put->arrival.key_hash, put->arrival.size);
  }
  AwaitTurn(put);
}

void RawBlockCore::PlacePut(Operation* put) {
  if (awaiting_room_.empty() && TryPlace(put)) return;
  awaiting_room_.push_back(put);
  room_changed_ = true;
}

bool RawBlockCore::TryPlace(Operation* put) {
  if (JournalBehind() || index_->size() + puts_writing_ >= header_.max_entries) return false;
  std::optional<Placement> placement = allocator_->Allocate(header_.layout.BlocksFor(put->payload_bytes));
  if (!placement.has_value()) return false;
  put->placement = *placement;
  put->arrival.size = placement->blocks().value();
  EvictAhead(put);
  TakeTurn(put);
  WritePayload(put);
  return true;
}

void RawBlockCore::WritePayload(Operation* put) {
  EndStage(put, OperationStage::kTurn);
  ++puts_writing_;
  writing_blocks_ += put->placement.blocks();
  std::span<std::byte> payload = put->memory;
  if (!Aligned(payload.data())) {
    std::copy(payload.begin(), payload.end(), put->staging.span().begin());
    payload = put->staging.span().first(payload.size());
  }
  put->checksum = PayloadChecksum(put->key, put->placement, payload);
  put->transfer.Start(
      IoRequest::Op::kWrite, header_.layout, put->placement, payload, payload.size(), device_,
      [](void* context) {
        auto* done = static_cast<Operation*>(context);
        done->core->PutWritten(done);
      },
      put);
}

void RawBlockCore::PutWritten(Operation* put) {
  EndStage(put, OperationStage::kWrite);
  EndTurn(put);
  --puts_writing_;
  writing_blocks_ -= put->placement.blocks();
  statistics_.device_bytes_written += put->transfer.device_bytes();
  if (put->transfer.status().ok() && fault_.ok()) return Publish(put);
  if (!put->transfer.status().ok()) ++statistics_.write_errors;
  allocator_->Free(put->placement);
  room_changed_ = true;
  ReleaseKey(put);
  Complete(put, put->transfer.status().ok() ? fault_ : put->transfer.status());
}

void RawBlockCore::Publish(Operation* put) {
  const auto payload_bytes = static_cast<uint32_t>(put->payload_bytes);
  const Lsn lsn = journal_.Append({.type = format::RecordType::kPut,
                                   .key = put->key,
                                   .placement = put->placement,
                                   .payload_bytes = payload_bytes,
                                   .checksum = put->checksum});
  if (const std::optional<EntryId> old = index_->Find(put->key)) {
    if (policy_ != nullptr) policy_->Untrack(*old);
    Retire(*old, lsn);
  }
  const EntryId id = index_->Insert(put->key, put->placement, payload_bytes, put->checksum);
  if (policy_ != nullptr) policy_->Track(id, put->arrival);
  payload_bytes_ += payload_bytes;
  payload_blocks_ += put->placement.blocks();
  ++statistics_.stored;
  statistics_.payload_bytes_written += payload_bytes;
  if (put->put_options.durability == Durability::kBatched) {
    Complete(put, absl::OkStatus());
  } else {
    AwaitDurable(put, journal_.next_lsn());
  }
  ReleaseKey(put);
}

void RawBlockCore::ReleaseKey(Operation* put) {
  CHECK_EQ(puts_by_key_.erase(put->key), 1u);
  std::vector<Operation*> followers;
  followers.swap(put->followers);
  for (Operation* follower : followers) StartPut(follower);
}

void RawBlockCore::Get(std::string_view key, std::span<std::byte> destination, GetDone done) {
  ++statistics_.gets;
  Operation* get = NewOperation();
  get->Reset(this, Operation::Kind::kGet);
  get->get_done = std::move(done);
  BeginStages(get);
  const std::optional<EntryId> id = index_->Find(key);
  if (!id.has_value()) {
    ++statistics_.misses;
    return Complete(get, absl::NotFoundError("no entry of this key"));
  }
  Entry& entry = index_->entry(*id);
  if (destination.size() < entry.payload_bytes) {
    return Complete(get, absl::OutOfRangeError(absl::StrCat("a destination of ", destination.size(),
                                                            " bytes; the payload has ", entry.payload_bytes)));
  }
  ++entry.reads;
  if (policy_ != nullptr) policy_->Touch(*id);
  get->key = key;
  get->memory = destination;
  get->payload_bytes = entry.payload_bytes;
  get->entry = *id;
  AwaitTurn(get);
}

void RawBlockCore::StartGet(Operation* get) {
  EndStage(get, OperationStage::kTurn);
  TakeTurn(get);
  const Entry& entry = index_->entry(get->entry);
  get->placement = entry.placement();
  const std::span<std::byte> target = Aligned(get->memory.data()) ? get->memory : get->staging.span();
  get->transfer.Start(
      IoRequest::Op::kRead, header_.layout, get->placement, target.first(get->payload_bytes), target.size(), device_,
      [](void* context) {
        auto* done = static_cast<Operation*>(context);
        done->core->GetRead(done);
      },
      get);
}

void RawBlockCore::GetRead(Operation* get) {
  EndStage(get, OperationStage::kRead);
  absl::Status status = VerifyRead(get);
  EndStage(get, OperationStage::kVerify);
  EndTurn(get);
  Entry& entry = index_->entry(get->entry);
  --entry.reads;
  if (!status.ok() && entry.published && fault_.ok()) RemoveEntry(get->entry);
  ReleaseIfUnused(get->entry);
  Complete(get, std::move(status));
}

absl::Status RawBlockCore::VerifyRead(Operation* get) {
  if (!get->transfer.status().ok()) {
    ++statistics_.read_errors;
    return absl::DataLossError(absl::StrCat("payload unreadable, entry dropped: ", get->transfer.status().message()));
  }
  const bool staged = !Aligned(get->memory.data());
  const std::span<std::byte> payload =
      (staged ? get->staging.span() : get->memory).first(static_cast<size_t>(get->payload_bytes));
  if (PayloadChecksum(get->key, get->placement, payload) != index_->entry(get->entry).checksum) {
    ++statistics_.checksum_failures;
    return absl::DataLossError("payload damaged (checksum), entry dropped");
  }
  if (staged) std::copy(payload.begin(), payload.end(), get->memory.begin());
  ++statistics_.hits;
  statistics_.payload_bytes_read += get->payload_bytes;
  return absl::OkStatus();
}

std::optional<uint64_t> RawBlockCore::Exists(std::string_view key) const {
  const std::optional<EntryId> id = index_->Find(key);
  if (!id.has_value()) return std::nullopt;
  return index_->entry(*id).payload_bytes;
}

void RawBlockCore::Remove(std::string_view key, const RemoveOptions& options, Done done) {
  Operation* remove = NewOperation();
  remove->Reset(this, Operation::Kind::kRemove);
  remove->key = key;
  remove->remove_options = options;
  remove->done = std::move(done);
  AwaitTurn(remove);
}

void RawBlockCore::StartRemove(Operation* remove) {
  if (!fault_.ok()) return Complete(remove, fault_);
  const std::optional<EntryId> id = index_->Find(remove->key);
  if (!id.has_value()) return Complete(remove, absl::NotFoundError("no entry of this key"));
  if (index_->entry(*id).pins > 0 && !remove->remove_options.force) {
    return Complete(remove, absl::FailedPreconditionError("the entry is pinned; unpin it or force the removal"));
  }
  ++statistics_.removes;
  RemoveEntry(*id);
  if (remove->remove_options.durability == Durability::kBatched) return Complete(remove, absl::OkStatus());
  AwaitDurable(remove, journal_.next_lsn());
}

std::optional<Pin> RawBlockCore::PinKey(std::string_view key) {
  const std::optional<EntryId> id = index_->Find(key);
  if (!id.has_value()) return std::nullopt;
  ++index_->entry(*id).pins;
  return Pin(*id);
}

void RawBlockCore::Unpin(Pin pin) {
  Entry& entry = index_->entry(pin.entry());
  CHECK_GT(entry.pins, 0u) << "unpinned more often than pinned";
  --entry.pins;
  ReleaseIfUnused(pin.entry());
}

void RawBlockCore::Flush(Done done) {
  Operation* flush = NewOperation();
  flush->Reset(this, Operation::Kind::kFlush);
  flush->done = std::move(done);
  AwaitDurable(flush, journal_.next_lsn());
}

void RawBlockCore::Checkpoint(Done done) {
  Operation* checkpoint = NewOperation();
  checkpoint->Reset(this, Operation::Kind::kCheckpoint);
  checkpoint->done = std::move(done);
  if (!fault_.ok()) return Complete(checkpoint, fault_);
  awaiting_checkpoint_.push_back(checkpoint);
}

// Completes `operation` once all records below `lsn` are durable.
void RawBlockCore::AwaitDurable(Operation* operation, Lsn lsn) {
  if (!fault_.ok()) return Complete(operation, fault_);
  operation->awaited = lsn;
  BeginStages(operation);
  awaiting_durability_.push_back(operation);
}

void RawBlockCore::BeginStages(Operation* operation) {
  if (options_.observer != nullptr) operation->stage_began = clock_->Now();
}

// The next stage begins.
void RawBlockCore::EndStage(Operation* operation, OperationStage stage) {
  if (options_.observer == nullptr) return;
  const absl::Time now = clock_->Now();
  options_.observer->OnStage(stage, now - operation->stage_began);
  operation->stage_began = now;
}

// --- Turns on the device --------------------------------------------------------

void RawBlockCore::AwaitTurn(Operation* operation) {
  awaiting_turn_.push_back(operation);
  GrantTurns();
}

bool RawBlockCore::HasTurn(const Operation& operation) const {
  const int turns = options_.operations_in_flight_max > 0 ? options_.operations_in_flight_max : device_->queue_depth();
  if (turns_taken_ >= turns) return false;
  if (operation.kind == Operation::Kind::kRemove) return !JournalBehind();
  return staging_bytes_ == 0 || Aligned(operation.memory.data()) ||
         staging_bytes_ + operation.payload_bytes <= kStagingBytesMax;
}

void RawBlockCore::GrantTurns() {
  while (!awaiting_turn_.empty() && HasTurn(*awaiting_turn_.front())) {
    Operation* operation = awaiting_turn_.front();
    awaiting_turn_.pop_front();
    if (operation->kind == Operation::Kind::kPut) PlacePut(operation);
    if (operation->kind == Operation::Kind::kGet) StartGet(operation);
    if (operation->kind == Operation::Kind::kRemove) StartRemove(operation);
  }
}

void RawBlockCore::TakeTurn(Operation* operation) {
  ++turns_taken_;
  if (Aligned(operation->memory.data())) return;
  const uint32_t block_bytes = header_.layout.block_bytes;
  operation->staging =
      AlignedBuffer(header_.layout.BlocksFor(operation->payload_bytes).value() * block_bytes, block_bytes);
  staging_bytes_ += operation->staging.size();
}

void RawBlockCore::EndTurn(Operation* operation) {
  --turns_taken_;
  room_changed_ = true;
  staging_bytes_ -= operation->staging.size();
  operation->staging = AlignedBuffer();
}

bool RawBlockCore::Aligned(const void* address) const {
  return reinterpret_cast<uintptr_t>(address) % device_->alignment() == 0;
}

// --- Room -------------------------------------------------------------------------

void RawBlockCore::RetryPlacements() {
  if (!room_changed_) return;
  room_changed_ = false;
  std::deque<Operation*> waiting;
  waiting.swap(awaiting_room_);
  for (Operation* put : waiting) {
    if (!fault_.ok()) {
      ReleaseKey(put);
      Complete(put, fault_);
      continue;
    }
    if (!HasTurn(*put)) {
      awaiting_room_.push_back(put);
      room_changed_ = true;
      continue;
    }
    if (TryPlace(put)) continue;
    if (JournalBehind() || MakeRoom(put)) {
      awaiting_room_.push_back(put);
    } else {
      Refuse(put);
    }
  }
}

void RawBlockCore::Refuse(Operation* put) {
  const bool entries_full = index_->size() + puts_writing_ >= header_.max_entries;
  ++(entries_full ? statistics_.refused_no_entry : statistics_.refused_no_space);
  ReleaseKey(put);
  Complete(put,
           absl::ResourceExhaustedError(entries_full ? absl::StrCat("the store holds its ", header_.max_entries,
                                                                    " entries already, and eviction freed none")
                                                     : absl::StrCat("no room for a payload of ", put->payload_bytes,
                                                                    " bytes, and eviction made none")));
}

// Evicts for `put`: what is missing, then more each round. Whether room may be on its
// way: removals that are not durable yet, and transfers that keep their entries from
// being evicted.
bool RawBlockCore::MakeRoom(Operation* put) {
  if (put->awaited > journal_.durable_end()) return true;
  const bool on_its_way = !removed_.empty();
  if (policy_ == nullptr) return on_its_way;
  if (on_its_way && !put->waited_for_others && FreeSoon() >= BlocksOf(*put)) {
    put->waited_for_others = true;
    put->awaited = journal_.next_lsn();
    return true;
  }
  const uint64_t evicted_before = put->evicted_blocks;
  const uint64_t target = RoundTarget(*put);
  // While nothing else can make room, a search that ends in a refusal asks every entry.
  const int searches = on_its_way || turns_taken_ > 0 ? 1 : Evictor::SearchesOf(index_->id_limit());
  while (put->evictions < options_.evictions_per_put_max && put->evicted_blocks - evicted_before < target) {
    if (!EvictFor(put, searches)) break;
    ++put->evictions;
  }
  put->awaited = journal_.next_lsn();
  if (put->evicted_blocks > evicted_before) {
    ++put->eviction_rounds;
    return true;
  }
  return (on_its_way || turns_taken_ > 0) && ++put->fruitless_rounds < kFruitlessRoundsMax;
}

BlockCount RawBlockCore::BlocksOf(const Operation& put) const { return header_.layout.BlocksFor(put.payload_bytes); }

BlockCount RawBlockCore::FreeSoon() const { return allocator_->free_blocks() + awaiting_free_blocks_; }

uint64_t RawBlockCore::RoundTarget(const Operation& put) const {
  const uint64_t wanted = BlocksOf(put).value();
  const uint64_t missing = wanted - std::min(wanted, FreeSoon().value());
  return std::max({missing, uint64_t{1}, (wanted << std::min(put.eviction_rounds, kRoundDoublingsMax)) / 4});
}

std::optional<uint64_t> RawBlockCore::GainOf(EntryId id, BlockCount wanted) const {
  const Entry& entry = index_->entry(id);
  if (!entry.published || entry.pins > 0 || entry.reads > 0) return std::nullopt;
  const Placement placement = entry.placement();
  return allocator_->Helps(placement, wanted) ? std::optional(placement.blocks().value()) : std::nullopt;
}

bool RawBlockCore::EvictFor(Operation* put, int searches) {
  const auto gain = [this, wanted = BlocksOf(*put)](EntryId id) { return GainOf(id, wanted); };
  for (int search = 0; search < searches; ++search) {
    const std::optional<EntryId> victim = evictor_.Evict(put->arrival, put->evicted_blocks, index_->id_limit(), gain);
    if (!victim.has_value()) continue;
    EvictEntry(*victim, put);
    return true;
  }
  return false;
}

void RawBlockCore::EvictAhead(Operation* put) {
  if (policy_ == nullptr) return;
  const auto below = [this](double watermark) {
    return static_cast<double>(FreeSoon().value()) < watermark * static_cast<double>(header_.layout.data_blocks);
  };
  const auto gain = [this, wanted = BlocksOf(*put)](EntryId id) { return GainOf(id, wanted); };
  put->evicted_blocks = 0;
  while (below(options_.watermarks.high) && !JournalBehind()) {
    const std::optional<EntryId> victim = evictor_.EvictAhead(put->arrival, put->evicted_blocks,
                                                              below(options_.watermarks.low), index_->id_limit(), gain);
    if (!victim.has_value()) return;
    EvictEntry(*victim, put);
  }
}

void RawBlockCore::EvictEntry(EntryId id, Operation* put) {
  const uint64_t blocks = index_->entry(id).placement().blocks().value();
  put->evicted_blocks += blocks;
  ++statistics_.evictions;
  statistics_.evicted_blocks += blocks;
  JournalRemoval(id);
}

void RawBlockCore::RemoveEntry(EntryId id) {
  if (policy_ != nullptr) policy_->Untrack(id);
  JournalRemoval(id);
}

void RawBlockCore::JournalRemoval(EntryId id) {
  const Entry& entry = index_->entry(id);
  Retire(id, journal_.Append(RemovalRecord(index_->HashOf(entry.key()), entry.placement())));
}

// Unpublishes; the blocks return once the record at `lsn` is durable and nobody
// reads or pins them.
void RawBlockCore::Retire(EntryId id, Lsn lsn) {
  index_->Unpublish(id);
  const Entry& entry = index_->entry(id);
  const BlockCount blocks = entry.placement().blocks();
  payload_bytes_ -= entry.payload_bytes;
  payload_blocks_ -= blocks;
  awaiting_free_blocks_ += blocks;
  removed_.push_back({.lsn = lsn, .entry = id});
}

void RawBlockCore::ReleaseIfUnused(EntryId id) {
  const Entry& entry = index_->entry(id);
  if (entry.published || !entry.removal_durable || entry.reads > 0 || entry.pins > 0) return;
  const Placement placement = entry.placement();
  awaiting_free_blocks_ -= placement.blocks();
  allocator_->Free(placement);
  index_->Erase(id);
  room_changed_ = true;
}

// --- Moving forward -----------------------------------------------------------------

absl::Status RawBlockCore::Poll(absl::Duration timeout) {
  Advance();
  if (device_->in_flight() == 0 && completed_.empty() && fault_.ok()) Commit();
  const absl::Duration wait = completed_.empty()
                                  ? std::min(timeout, std::max(absl::ZeroDuration(), commit_due_ - clock_->Now()))
                                  : absl::ZeroDuration();
  absl::Status status = device_->Poll(wait);
  Advance();
  RunCompleted();
  return status;
}

void RawBlockCore::Advance() {
  FinishDurable();
  AdvanceCheckpoint();
  RetryPlacements();
  GrantTurns();
  CommitIfDue();
}

void RawBlockCore::FinishDurable() {
  if (!journal_.status().ok()) Fail(journal_.status());
  const Lsn durable_end = journal_.durable_end();
  if (durable_end > durable_seen_) room_changed_ = true;  // for puts that waited for it
  durable_seen_ = durable_end;
  while (!removed_.empty() && removed_.front().lsn < durable_end) {
    const EntryId id = removed_.front().entry;
    removed_.pop_front();
    room_changed_ = true;
    index_->entry(id).removal_durable = true;
    ReleaseIfUnused(id);
  }
  while (!awaiting_durability_.empty() && awaiting_durability_.front()->awaited <= durable_end) {
    EndStage(awaiting_durability_.front(), OperationStage::kDurable);
    Complete(awaiting_durability_.front(), absl::OkStatus());
    awaiting_durability_.pop_front();
  }
}

void RawBlockCore::AdvanceCheckpoint() {
  if (!fault_.ok()) {
    if (checkpoint_.idle() || checkpoint_.chunks_written()) checkpoint_running_ = false;  // given up
    return;
  }
  if (!checkpoint_running_) {
    if (!awaiting_checkpoint_.empty() || journal_.used_bytes() > journal_.ring_bytes() / 2) StartCheckpoint();
    return;
  }
  if (checkpoint_.idle()) return FinishCheckpoint();
  if (!checkpoint_.chunks_written()) return;
  if (!seal_after_.has_value()) {
    seal_after_ = journal_.next_lsn();
    journal_.UseReserve(true);
  }
  if (journal_.durable_end() >= *seal_after_) checkpoint_.Seal();
}

void RawBlockCore::StartCheckpoint() {
  checkpoint_running_ = true;
  seal_after_.reset();
  checkpoint_callers_.swap(awaiting_checkpoint_);
  checkpoint_.Start(checkpoint_sequence_ + 1, journal_.pending_start());
}

void RawBlockCore::FinishCheckpoint() {
  checkpoint_running_ = false;
  seal_after_.reset();
  journal_.UseReserve(false);
  room_changed_ = true;  // for puts that waited for the journal
  if (!checkpoint_.status().ok()) return Fail(checkpoint_.status());
  checkpoint_sequence_ = checkpoint_.sequence();
  ++statistics_.checkpoints;
  journal_.MoveTail(checkpoint_.replay_from().position);
  for (Operation* caller : checkpoint_callers_) Complete(caller, absl::OkStatus());
  checkpoint_callers_.clear();
}

bool RawBlockCore::CommitUrgent() const {
  return !awaiting_durability_.empty() || !awaiting_room_.empty() || seal_after_.has_value() ||
         journal_.pending_start().lsn < overdue_end_ || journal_.pending_bytes() >= format::kGroupBytesMax;
}

void RawBlockCore::CommitIfDue() {
  if (journal_.pending_bytes() == 0 || !fault_.ok()) {
    commit_due_ = absl::InfiniteFuture();
    return;
  }
  const absl::Time now = clock_->Now();
  if (now >= commit_due_) {
    overdue_end_ = journal_.next_lsn();
    commit_due_ = absl::InfiniteFuture();
  }
  if (commit_due_ == absl::InfiniteFuture()) commit_due_ = now + options_.commit_interval;
  if (CommitUrgent()) Commit();
}

// While a group is under way or the ring is full, its completion wakes us.
void RawBlockCore::Commit() {
  if (journal_.StartCommit()) room_changed_ = true;
  if (journal_.pending_bytes() == 0) commit_due_ = absl::InfiniteFuture();
}

// So much waits for a commit that nothing more may be added.
bool RawBlockCore::JournalBehind() const {
  return fault_.ok() && journal_.pending_bytes() > journal_.pending_bytes_max();
}

void RawBlockCore::Fail(const absl::Status& status) {
  if (!fault_.ok()) return;
  fault_ = absl::FailedPreconditionError(absl::StrCat("the store is read-only: ", status.message()));
  LOG(ERROR) << fault_.message();
  for (Operation* operation : awaiting_durability_) Complete(operation, fault_);
  awaiting_durability_.clear();
  for (Operation* operation : awaiting_checkpoint_) Complete(operation, fault_);
  awaiting_checkpoint_.clear();
  for (Operation* operation : checkpoint_callers_) Complete(operation, fault_);
  checkpoint_callers_.clear();
  room_changed_ = true;
}

bool RawBlockCore::idle() const {
  return device_->in_flight() == 0 && completed_.empty() && awaiting_turn_.empty() && awaiting_room_.empty() &&
         awaiting_durability_.empty() && awaiting_checkpoint_.empty() && !checkpoint_running_ &&
         (journal_.pending_bytes() == 0 || !fault_.ok());
}

absl::Status RawBlockCore::Close() {
  absl::Status closed = absl::UnknownError("");
  Flush([this, &closed](absl::Status flushed) {
    if (!flushed.ok()) {
      closed = std::move(flushed);
      return;
    }
    Checkpoint([&closed](absl::Status written) { closed = std::move(written); });
  });
  while (!idle()) {
    if (absl::Status status = Poll(absl::InfiniteDuration()); !status.ok()) return status;
  }
  return closed;
}

// --- Views ----------------------------------------------------------------------------

void RawBlockCore::ForEach(absl::FunctionRef<void(const EntryView&)> visit) const {
  for (EntryId id = 0; id < index_->id_limit(); ++id) {
    const Entry& entry = index_->entry(id);
    if (!entry.published) continue;
    const Placement placement = entry.placement();
    visit(
        {.key = entry.key(), .payload_bytes = entry.payload_bytes, .placement = placement, .checksum = entry.checksum});
  }
}

Occupancy RawBlockCore::occupancy() const {
  return {.block_bytes = header_.layout.block_bytes,
          .entries = index_->published(),
          .entries_max = header_.max_entries,
          .payload_bytes = payload_bytes_,
          .payload_blocks = payload_blocks_.value(),
          .awaiting_free_blocks = awaiting_free_blocks_.value(),
          .free_blocks = allocator_->free_blocks().value(),
          .capacity_blocks = allocator_->capacity().value()};
}

Statistics RawBlockCore::statistics() const {
  Statistics statistics = statistics_;
  statistics.journal_groups = journal_.groups_written();
  statistics.journal_bytes_written = journal_.bytes_written();
  statistics.checkpoint_bytes_written = checkpoint_.bytes_written();
  statistics.device_bytes_written += journal_.bytes_written() + checkpoint_.bytes_written();
  return statistics;
}

void RawBlockCore::CheckInvariants() const {
  index_->CheckInvariants();
  allocator_->CheckInvariants();
  if (policy_ != nullptr) policy_->CheckInvariants();
  uint64_t payload_bytes = 0;
  BlockCount published;
  BlockCount removed;
  for (EntryId id = 0; id < index_->id_limit(); ++id) {
    const Entry& entry = index_->entry(id);
    if (!entry.used()) continue;
    (entry.published ? published : removed) += entry.placement().blocks();
    if (entry.published) payload_bytes += entry.payload_bytes;
  }
  CHECK_EQ(payload_bytes, payload_bytes_);
  CHECK_EQ(published, payload_blocks_);
  CHECK_EQ(removed, awaiting_free_blocks_);
  CHECK_EQ(published + removed + writing_blocks_ + allocator_->free_blocks(), allocator_->capacity());
}

}  // namespace slotwise
