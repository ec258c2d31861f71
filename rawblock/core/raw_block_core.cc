// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/raw_block_core.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/record.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/eviction/eviction_policies.h"

namespace slotwise {

// The core as its Room sees it. What is removed counts as free soon: it will be, once its removal is durable.
class RawBlockCore::Space final : public RoomSpace {
 public:
  explicit Space(RawBlockCore* core) : core_(core) {}

  uint64_t capacity() const override { return core_->header_.layout.data_blocks; }
  uint64_t FreeSoon() const override {
    return (core_->allocator_->free_blocks() + core_->removals_.awaiting_free()).value();
  }
  EntryId id_limit() const override { return core_->index_->id_limit(); }

  std::optional<uint64_t> GainOf(EntryId id, uint64_t wanted) const override {
    const Entry& entry = core_->index_->entry(id);
    if (!entry.published || entry.pins > 0 || entry.reads > 0) return std::nullopt;
    const Placement placement = entry.placement();
    if (!core_->allocator_->Helps(placement, BlockCount(wanted))) return std::nullopt;
    return placement.blocks().value();
  }
  bool FreesAtOnce() const override { return false; }

  uint64_t Evict(EntryId id) override {
    const uint64_t blocks = core_->index_->entry(id).placement().blocks().value();
    ++core_->statistics_.evictions;
    core_->statistics_.evicted_blocks += blocks;
    core_->JournalRemoval(id);
    return blocks;
  }

  bool Paused() const override { return core_->JournalBehind(); }

 private:
  RawBlockCore* const core_;
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
      device_(device),
      header_(std::move(recovered.header)),
      recovery_(recovered.report),
      index_(std::move(recovered.index)),
      allocator_(std::move(recovered.allocator)),
      policy_(MakeEvictionPolicy(options.policy, header_.layout.data_blocks)),
      journal_(header_.layout, header_.salt, recovered.journal_next, recovered.journal_tail, device_),
      checkpoint_(header_.layout, header_.salt, index_.get(), device_),
      operations_(this),
      turns_(options.operations_in_flight_max > 0 ? options.operations_in_flight_max : device->queue_depth(),
             device->alignment(), header_.layout.block_bytes),
      removals_(index_.get(), allocator_.get()),
      committer_(&journal_, &checkpoint_, options.commit_interval, recovered.report.checkpoint_sequence),
      space_(std::make_unique<Space>(this)),
      room_(policy_.get(), options.watermarks, space_.get()) {
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
    const absl::StatusOr<uint64_t> healed = HealSuperblocks(device_, header_);
    if (!healed.ok()) return healed.status();
    statistics_.flushes += *healed;
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

// --- A put, step by step ---------------------------------------------------------

void RawBlockCore::Put(std::string_view key, std::span<const std::byte> payload, const PutOptions& options,
                       PutDone done) {
  ++statistics_.puts;
  Operation* put = operations_.Begin(Operation::Kind::kPut);
  put->key = key;
  put->memory = {const_cast<std::byte*>(payload.data()), payload.size()};  // only read
  put->payload_bytes = payload.size();
  put->put_options = options;
  put->put_done = std::move(done);
  BeginStages(put);
  if (absl::Status status = CheckPut(*put); !status.ok()) return operations_.Complete(put, std::move(status));
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
  if (put.payload_bytes <= bytes_max) return absl::OkStatus();
  return absl::OutOfRangeError(absl::StrCat("a payload of ", put.payload_bytes,
                                            " bytes; the largest that this store can place has ", bytes_max));
}

void RawBlockCore::StartPut(Operation* put) {
  if (!fault_.ok()) return operations_.Complete(put, fault_);
  // Puts of one key go one after the other, so that the last one to arrive is the one that stays.
  if (const auto it = puts_by_key_.find(put->key); it != puts_by_key_.end()) {
    it->second->followers.push_back(put);
    return;
  }
  const std::optional<EntryId> stored = index_->Find(put->key);
  if (stored.has_value() && !put->put_options.replace) {
    if (policy_ != nullptr) policy_->Touch(*stored);
    ++statistics_.already_stored;
    put->outcome = PutOutcome::kAlreadyStored;
    if (put->put_options.durability == Durability::kBatched) return operations_.Complete(put, absl::OkStatus());
    return AwaitDurable(put, journal_.next_lsn());
  }
  puts_by_key_.emplace(put->key, put);
  const BlockCount blocks = header_.layout.BlocksFor(put->payload_bytes);
  put->room.wanted = blocks.value();
  put->room.arrival = {.key_hash = index_->HashOf(put->key), .size = allocator_->FootprintOf(blocks).value()};
  if (policy_ != nullptr && !stored.has_value()) {
    put->room.arrival = policy_->Arrive(put->room.arrival.key_hash, put->room.arrival.size);
  }
  AwaitTurn(put);
}

// Behind those that wait for room already: a small put must not take what a large one waits for.
void RawBlockCore::PlacePut(Operation* put) {
  if (awaiting_room_.empty() && TryPlace(put)) return;
  awaiting_room_.push_back(put);
  ++puts_arrived_;
}

bool RawBlockCore::TryPlace(Operation* put) {
  if (JournalBehind() || index_->size() + puts_writing_ >= header_.max_entries) return false;
  std::optional<Placement> placement = allocator_->Allocate(BlockCount(put->room.wanted));
  if (!placement.has_value()) return false;
  put->placement = *placement;
  put->room.arrival.size = placement->blocks().value();
  // Now, so that the evictions are durable by the time that the next put needs their room.
  room_.EvictAhead(&put->room);
  put->staging = turns_.Take(put->memory.data(), put->payload_bytes);
  WritePayload(put);
  return true;
}

void RawBlockCore::WritePayload(Operation* put) {
  EndStage(put, OperationStage::kTurn);
  ++puts_writing_;
  writing_blocks_ += put->placement.blocks();
  std::span<std::byte> payload = put->memory;
  if (put->staging.size() > 0) {
    std::copy(payload.begin(), payload.end(), put->staging.span().begin());
    payload = put->staging.span().first(payload.size());
  }
  // Over the placement too: a payload that is read from the wrong place is damaged, not somebody else's.
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
  turns_.End(&put->staging);
  --puts_writing_;
  writing_blocks_ -= put->placement.blocks();
  statistics_.device_bytes_written += put->transfer.device_bytes();
  if (put->transfer.status().ok() && fault_.ok()) return Publish(put);
  if (!put->transfer.status().ok()) ++statistics_.write_errors;
  // At once: no record names these blocks.
  allocator_->Free(put->placement);
  ReleaseKey(put);
  operations_.Complete(put, put->transfer.status().ok() ? fault_ : put->transfer.status());
}

// After the write, so that a record never names blocks whose payload is still on its way.
void RawBlockCore::Publish(Operation* put) {
  const auto payload_bytes = static_cast<uint32_t>(put->payload_bytes);
  const Lsn lsn = journal_.Append({.type = format::RecordType::kPut,
                                   .key = put->key,
                                   .placement = put->placement,
                                   .payload_bytes = payload_bytes,
                                   .checksum = put->checksum});
  // A replaced payload needs no record of its own: this one supersedes it, so its blocks wait for this one.
  if (const std::optional<EntryId> old = index_->Find(put->key)) {
    if (policy_ != nullptr) policy_->Untrack(*old);
    Retire(*old, lsn);
  }
  const EntryId id = index_->Insert(put->key, put->placement, payload_bytes, put->checksum);
  if (policy_ != nullptr) policy_->Track(id, put->room.arrival);
  payload_bytes_ += payload_bytes;
  payload_blocks_ += put->placement.blocks();
  ++statistics_.stored;
  statistics_.payload_bytes_written += payload_bytes;
  if (put->put_options.durability == Durability::kBatched) {
    operations_.Complete(put, absl::OkStatus());
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

// --- Puts that found no room -----------------------------------------------------------

RawBlockCore::Chances RawBlockCore::chances() const {
  return {.puts_arrived = puts_arrived_,
          .entries_freed = removals_.freed(),
          .turns_ended = turns_.ended(),
          .commits = committer_.commits(),
          .checkpoints = statistics_.checkpoints,
          .durable_end = journal_.durable_end(),
          .failed = !fault_.ok()};
}

void RawBlockCore::RetryPlacements() {
  if (awaiting_room_.empty()) return;
  const Chances now = chances();
  if (now == chances_seen_) return;
  chances_seen_ = now;
  std::deque<Operation*> waiting;
  waiting.swap(awaiting_room_);
  for (Operation* put : waiting) RetryPlacement(put);
}

void RawBlockCore::RetryPlacement(Operation* put) {
  if (!fault_.ok()) {
    ReleaseKey(put);
    return operations_.Complete(put, fault_);
  }
  if (HasTurn(*put)) {
    if (TryPlace(put)) return;
    if (!JournalBehind() && !MakeRoom(put)) return Refuse(put);
  }
  awaiting_room_.push_back(put);
}

// What was evicted is room only once it is durable; until then there is nothing to decide.
bool RawBlockCore::MakeRoom(Operation* put) {
  if (put->awaited > journal_.durable_end()) return true;
  const bool hope =
      room_.MakeRoom(&put->room, {.removals_under_way = !removals_.empty(), .transfers_under_way = turns_.taken() > 0});
  if (policy_ != nullptr) put->awaited = journal_.next_lsn();
  return hope;
}

void RawBlockCore::Refuse(Operation* put) {
  const bool entries_full = index_->size() + puts_writing_ >= header_.max_entries;
  ++(entries_full ? statistics_.refused_no_entry : statistics_.refused_no_space);
  ReleaseKey(put);
  const std::string reason =
      entries_full
          ? absl::StrCat("the store holds its ", header_.max_entries, " entries already, and eviction freed none")
          : absl::StrCat("no room for a payload of ", put->payload_bytes, " bytes, and eviction made none");
  operations_.Complete(put, absl::ResourceExhaustedError(reason));
}

// --- A get, step by step -----------------------------------------------------------------

void RawBlockCore::Get(std::string_view key, std::span<std::byte> destination, GetDone done) {
  ++statistics_.gets;
  Operation* get = operations_.Begin(Operation::Kind::kGet);
  get->get_done = std::move(done);
  BeginStages(get);
  const std::optional<EntryId> id = index_->Find(key);
  if (!id.has_value()) {
    ++statistics_.misses;
    return operations_.Complete(get, absl::NotFoundError("no entry of this key"));
  }
  Entry& entry = index_->entry(*id);
  if (destination.size() < entry.payload_bytes) {
    return operations_.Complete(
        get, absl::OutOfRangeError(absl::StrCat("a destination of ", destination.size(), " bytes; the payload has ",
                                                entry.payload_bytes)));
  }
  // From now on, not from its turn on: what was found must not go while the get waits.
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
  get->staging = turns_.Take(get->memory.data(), get->payload_bytes);
  get->placement = index_->entry(get->entry).placement();
  const std::span<std::byte> target = get->staging.size() > 0 ? get->staging.span() : get->memory;
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
  turns_.End(&get->staging);
  Entry& entry = index_->entry(get->entry);
  --entry.reads;
  // What cannot be read will not be read next time either: its room is worth more.
  if (!status.ok() && entry.published && fault_.ok()) RemoveEntry(get->entry);
  removals_.ReleaseIfUnused(get->entry);
  operations_.Complete(get, std::move(status));
}

absl::Status RawBlockCore::VerifyRead(Operation* get) {
  if (!get->transfer.status().ok()) {
    ++statistics_.read_errors;
    return absl::DataLossError(absl::StrCat("payload unreadable, entry dropped: ", get->transfer.status().message()));
  }
  const bool staged = get->staging.size() > 0;
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

// --- Removals and pins ---------------------------------------------------------------------

void RawBlockCore::Remove(std::string_view key, const RemoveOptions& options, Done done) {
  Operation* remove = operations_.Begin(Operation::Kind::kRemove);
  remove->key = key;
  remove->remove_options = options;
  remove->done = std::move(done);
  AwaitTurn(remove);
}

void RawBlockCore::StartRemove(Operation* remove) {
  if (!fault_.ok()) return operations_.Complete(remove, fault_);
  const std::optional<EntryId> id = index_->Find(remove->key);
  if (!id.has_value()) return operations_.Complete(remove, absl::NotFoundError("no entry of this key"));
  if (index_->entry(*id).pins > 0 && !remove->remove_options.force) {
    return operations_.Complete(remove,
                                absl::FailedPreconditionError("the entry is pinned; unpin it or force the removal"));
  }
  ++statistics_.removes;
  RemoveEntry(*id);
  if (remove->remove_options.durability == Durability::kBatched) return operations_.Complete(remove, absl::OkStatus());
  AwaitDurable(remove, journal_.next_lsn());
}

void RawBlockCore::RemoveEntry(EntryId id) {
  if (policy_ != nullptr) policy_->Untrack(id);
  JournalRemoval(id);
}

void RawBlockCore::JournalRemoval(EntryId id) {
  const Entry& entry = index_->entry(id);
  Retire(id, journal_.Append(RemovalRecord(index_->HashOf(entry.key()), entry.placement())));
}

void RawBlockCore::Retire(EntryId id, Lsn lsn) {
  const Entry& entry = index_->entry(id);
  payload_bytes_ -= entry.payload_bytes;
  payload_blocks_ -= entry.placement().blocks();
  removals_.Add(id, lsn);
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
  removals_.ReleaseIfUnused(pin.entry());
}

// --- Waiting ---------------------------------------------------------------------------------

void RawBlockCore::AwaitTurn(Operation* operation) {
  awaiting_turn_.push_back(operation);
  GrantTurns();
}

bool RawBlockCore::HasTurn(const Operation& operation) const {
  // A removal moves nothing on the device, but its record needs the journal.
  if (operation.kind == Operation::Kind::kRemove) return turns_.Available() && !JournalBehind();
  return turns_.Available(operation.memory.data(), operation.payload_bytes);
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

// Completes `operation` once all records below `lsn` are durable.
void RawBlockCore::AwaitDurable(Operation* operation, Lsn lsn) {
  if (!fault_.ok()) return operations_.Complete(operation, fault_);
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

// --- Moving forward ----------------------------------------------------------------------------

void RawBlockCore::Flush(Done done) {
  Operation* flush = operations_.Begin(Operation::Kind::kFlush);
  flush->done = std::move(done);
  AwaitDurable(flush, journal_.next_lsn());
}

void RawBlockCore::Checkpoint(Done done) {
  Operation* checkpoint = operations_.Begin(Operation::Kind::kCheckpoint);
  checkpoint->done = std::move(done);
  if (!fault_.ok()) return operations_.Complete(checkpoint, fault_);
  awaiting_checkpoint_.push_back(checkpoint);
}

absl::Status RawBlockCore::Poll(absl::Duration timeout) {
  Advance();
  // Nothing else to do: a group now costs nobody anything.
  if (device_->in_flight() == 0 && operations_.none_completed() && fault_.ok()) committer_.Commit();
  const absl::Duration until_due = std::max(absl::ZeroDuration(), committer_.commit_due() - clock_->Now());
  absl::Status status =
      device_->Poll(operations_.none_completed() ? std::min(timeout, until_due) : absl::ZeroDuration());
  Advance();
  operations_.RunCompleted();
  return status;
}

// What has become durable frees room and entries, so it comes before those that wait for them; what they append goes
// into the group that is written last.
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
  removals_.FinishDurable(durable_end);
  while (!awaiting_durability_.empty() && awaiting_durability_.front()->awaited <= durable_end) {
    EndStage(awaiting_durability_.front(), OperationStage::kDurable);
    operations_.Complete(awaiting_durability_.front(), absl::OkStatus());
    awaiting_durability_.pop_front();
  }
}

void RawBlockCore::AdvanceCheckpoint() {
  if (!fault_.ok()) return committer_.GiveUpCheckpoint();
  switch (committer_.AdvanceCheckpoint(!awaiting_checkpoint_.empty())) {
    case Committer::CheckpointStep::kNone:
      return;
    case Committer::CheckpointStep::kStarted:
      return checkpoint_callers_.swap(awaiting_checkpoint_);
    case Committer::CheckpointStep::kSealed:
      ++statistics_.checkpoints;
      return CompleteAll(&checkpoint_callers_, absl::OkStatus());
    case Committer::CheckpointStep::kFailed:
      return Fail(checkpoint_.status());
  }
}

void RawBlockCore::CommitIfDue() {
  if (!fault_.ok()) return committer_.Abandon();
  committer_.CommitIfDue(clock_->Now(), !awaiting_durability_.empty() || !awaiting_room_.empty());
}

// After a failure nothing is committed any more, so nothing needs to wait for it.
bool RawBlockCore::JournalBehind() const { return fault_.ok() && committer_.Behind(); }

void RawBlockCore::Fail(const absl::Status& status) {
  if (!fault_.ok()) return;
  fault_ = absl::FailedPreconditionError(absl::StrCat("the store is read-only: ", status.message()));
  LOG(ERROR) << fault_.message();
  for (Operation* operation : awaiting_durability_) operations_.Complete(operation, fault_);
  awaiting_durability_.clear();
  CompleteAll(&awaiting_checkpoint_, fault_);
  CompleteAll(&checkpoint_callers_, fault_);
}

void RawBlockCore::CompleteAll(std::vector<Operation*>* operations, const absl::Status& status) {
  for (Operation* operation : *operations) operations_.Complete(operation, status);
  operations->clear();
}

bool RawBlockCore::idle() const {
  return device_->in_flight() == 0 && operations_.none_completed() && awaiting_turn_.empty() &&
         awaiting_room_.empty() && awaiting_durability_.empty() && awaiting_checkpoint_.empty() &&
         !committer_.checkpoint_running() && (journal_.pending_bytes() == 0 || !fault_.ok());
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
          .awaiting_free_blocks = removals_.awaiting_free().value(),
          .free_blocks = allocator_->free_blocks().value(),
          .capacity_blocks = allocator_->capacity().value()};
}

Statistics RawBlockCore::statistics() const {
  Statistics statistics = statistics_;
  statistics.journal_groups = journal_.groups_written();
  statistics.journal_bytes_written = journal_.bytes_written();
  statistics.checkpoint_bytes_written = checkpoint_.bytes_written();
  statistics.flushes += journal_.flushes() + checkpoint_.flushes();
  statistics.device_bytes_written += journal_.bytes_written() + checkpoint_.bytes_written();
  return statistics;
}

void RawBlockCore::CheckInvariants() const {
  index_->CheckInvariants();
  allocator_->CheckInvariants();
  if (policy_ != nullptr) policy_->CheckInvariants();
  operations_.CheckInvariants();
  turns_.CheckInvariants();
  removals_.CheckInvariants();
  committer_.CheckInvariants();
  uint64_t payload_bytes = 0;
  BlockCount published;
  uint64_t reads = 0;
  for (EntryId id = 0; id < index_->id_limit(); ++id) {
    const Entry& entry = index_->entry(id);
    reads += entry.reads;
    if (!entry.published) continue;
    published += entry.placement().blocks();
    payload_bytes += entry.payload_bytes;
  }
  CHECK_EQ(payload_bytes, payload_bytes_);
  CHECK_EQ(published, payload_blocks_);
  CHECK_EQ(published + removals_.awaiting_free() + writing_blocks_ + allocator_->free_blocks(), allocator_->capacity());
  CheckQueues(reads);
}

// Every operation is in one place: a queue, a turn, behind another put of its key, or due for its callback.
void RawBlockCore::CheckQueues(uint64_t reads) const {
  size_t gets_waiting = 0;
  size_t keyless = 0;  // waiting for a turn, and no put
  for (const Operation* operation : awaiting_turn_) {
    if (operation->kind == Operation::Kind::kGet) ++gets_waiting;
    if (operation->kind != Operation::Kind::kPut) ++keyless;
  }
  CHECK_EQ(static_cast<uint64_t>(turns_.taken()) + gets_waiting, puts_writing_ + reads);
  CHECK_EQ(puts_by_key_.size(), awaiting_turn_.size() - keyless + awaiting_room_.size() + puts_writing_);
  size_t followers = 0;
  for (const auto& [key, put] : puts_by_key_) followers += put->followers.size();
  CHECK_EQ(operations_.under_way(), operations_.completed() + awaiting_turn_.size() + awaiting_room_.size() +
                                        awaiting_durability_.size() + awaiting_checkpoint_.size() +
                                        checkpoint_callers_.size() + followers + static_cast<size_t>(turns_.taken()));
  CHECK(std::is_sorted(awaiting_durability_.begin(), awaiting_durability_.end(),
                       [](const Operation* a, const Operation* b) { return a->awaited < b->awaited; }));
}

}  // namespace slotwise
