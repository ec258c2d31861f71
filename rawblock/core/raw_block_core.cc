// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/raw_block_core.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/record.h"
#include "rawblock/log/session_start.h"

namespace slotwise {
namespace {

absl::Status CheckOptions(const CoreOptions& options) {
  if (absl::Status status = options.watermarks.Validate(); !status.ok()) return status;
  if (options.commit_interval < absl::ZeroDuration()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the commit interval is ", absl::FormatDuration(options.commit_interval), "; it must not be negative"));
  }
  if (options.operations_in_flight_max >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("at most ", options.operations_in_flight_max,
                                                 " operations in flight; give a positive number, or 0 for the "
                                                 "device's queue depth"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RawBlockCore>> RawBlockCore::Open(Device* device, Clock* clock,
                                                                 const CoreOptions& options) {
  if (absl::Status status = CheckOptions(options); !status.ok()) return status;
  auto retrying = std::make_unique<RetryingDevice>(
      device, [clock] { return clock->Now(); }, [clock](absl::Duration pause) { clock->Sleep(pause); });
  absl::StatusOr<RecoveredStore> recovered = Recover(retrying.get());
  if (!recovered.ok()) return recovered.status();
  for (const std::string& damage : recovered->damage) LOG(WARNING) << damage;
  const uint64_t session = options.session != 0 ? options.session : RandomSessionNumber();
  const absl::Status started = StartSession(retrying.get(), session, false, &*recovered);
  if (absl::IsUnavailable(started)) return started;
  std::unique_ptr<RawBlockCore> core(new RawBlockCore(std::move(retrying), clock, options, &*recovered));
  if (!started.ok()) {
    core->parts_.commits.Fail(started);
    return core;
  }
  if (absl::Status status = core->BeginSession(recovered->recovered_end); !status.ok()) return status;
  return core;
}

RawBlockCore::RawBlockCore(std::unique_ptr<RetryingDevice> device, Clock* clock, const CoreOptions& options,
                           RecoveredStore* recovered)
    : clock_(clock),
      recovery_(recovered->report),
      device_(std::move(device)),
      parts_(device_.get(), clock, options, recovered),
      puts_(&parts_, options.watermarks),
      removes_(&parts_) {}

RawBlockCore::~RawBlockCore() {
  Abandon();
  while (parts_.device->in_flight() > 0 && parts_.device->Poll(absl::InfiniteDuration()).ok()) {
  }
}

// A failure of the journal shows in writable().
absl::Status RawBlockCore::BeginSession(Lsn recovered_end) {
  parts_.journal.Append(OpenRecord(recovered_end));
  const absl::Status flushed = AwaitAnswer(&RawBlockCore::Flush);
  return writable().ok() ? flushed : absl::OkStatus();
}

absl::Status RawBlockCore::AwaitAnswer(void (RawBlockCore::*call)(Done)) {
  absl::Status answer = absl::UnknownError("");
  (this->*call)([&answer](absl::Status status) { answer = std::move(status); });
  while (!idle()) {
    if (absl::Status status = Poll(absl::InfiniteDuration()); !status.ok()) return status;
  }
  return answer;
}

// --- A put -------------------------------------------------------------------------------

void RawBlockCore::Put(std::string_view key, std::span<const std::byte> payload, const PutOptions& options,
                       PutDone done) {
  Operation* put = parts_.operations.Begin(Operation::Kind::kPut);
  put->key = key;
  put->memory = {const_cast<std::byte*>(payload.data()), payload.size()};  // only read
  put->payload_bytes = payload.size();
  put->put_options = options;
  put->put_done = std::move(done);
  puts_.Start(put);
  GrantTurns();
}

// --- A get, step by step -----------------------------------------------------------------

void RawBlockCore::Get(std::string_view key, std::span<std::byte> destination, GetDone done) {
  ++parts_.statistics.gets;
  Operation* get = parts_.operations.Begin(Operation::Kind::kGet);
  get->get_done = std::move(done);
  parts_.timer.Begin(get);
  const std::optional<EntryId> id = parts_.entries.Find(key);
  if (!id.has_value()) {
    ++parts_.statistics.misses;
    return parts_.operations.Complete(get, absl::NotFoundError("no entry of this key"));
  }
  const Entry& entry = parts_.entries.entry(*id);
  if (destination.size() < entry.payload_bytes) {
    return parts_.operations.Complete(
        get, absl::OutOfRangeError(absl::StrCat("a destination of ", destination.size(), " bytes; the payload has ",
                                                entry.payload_bytes)));
  }
  // From now on, not from its turn on: what was found must not go while the get waits.
  parts_.entries.BeginRead(*id);
  parts_.entries.Touch(*id);
  get->memory = destination;
  get->payload_bytes = entry.payload_bytes;
  get->entry = *id;
  parts_.turns.Await(get);
  GrantTurns();
}

void RawBlockCore::StartGet(Operation* get) {
  parts_.timer.End(get, OperationStage::kTurn);
  get->staging = parts_.turns.Take(Operation::Kind::kGet, get->memory.data(), get->payload_bytes);
  get->placement = parts_.entries.entry(get->entry).placement();
  const std::span<std::byte> target = get->staging.size() > 0 ? get->staging.span() : get->memory;
  get->transfer.Start(IoRequest::Op::kRead, parts_.header.layout, get->placement, target.first(get->payload_bytes),
                      target.size(), parts_.device, [this, get] { GetRead(get); });
}

void RawBlockCore::GetRead(Operation* get) {
  parts_.timer.End(get, OperationStage::kRead);
  absl::Status status = VerifyRead(get);
  parts_.timer.End(get, OperationStage::kVerify);
  parts_.turns.End(Operation::Kind::kGet, &get->staging);
  if (absl::IsDataLoss(status)) status = DropDamaged(get->entry, status);
  parts_.entries.EndRead(get->entry);
  parts_.operations.Complete(get, std::move(status));
}

// What is damaged will be damaged next time, too: its room is worth more. Pins keep the blocks, not the entry.
absl::Status RawBlockCore::DropDamaged(EntryId entry, const absl::Status& damage) {
  if (!parts_.entries.entry(entry).published) return damage;
  if (!parts_.commits.failure().ok() || parts_.entries.Paused()) {
    return absl::DataLossError(absl::StrCat(damage.message(), ", entry kept: the journal takes no record now"));
  }
  parts_.entries.Remove(entry);
  return absl::DataLossError(absl::StrCat(damage.message(), ", entry dropped"));
}

absl::Status RawBlockCore::VerifyRead(Operation* get) {
  if (const absl::Status& read = get->transfer.status(); !read.ok()) {
    ++parts_.statistics.read_errors;
    // Only a medium error says something about the payload; any other about this moment.
    if (absl::IsDataLoss(read)) {
      return absl::DataLossError(absl::StrCat("payload unreadable (", read.message(), ")"));
    }
    return absl::UnavailableError(absl::StrCat("payload not read, entry kept; try again: ", read.message()));
  }
  const bool staged = get->staging.size() > 0;
  const std::span<std::byte> payload =
      (staged ? get->staging.span() : get->memory).first(static_cast<size_t>(get->payload_bytes));
  const Entry& entry = parts_.entries.entry(get->entry);
  if (PayloadChecksum(entry.key(), get->placement, payload) != entry.checksum) {
    ++parts_.statistics.checksum_failures;
    return absl::DataLossError("payload damaged (checksum)");
  }
  if (staged) std::copy(payload.begin(), payload.end(), get->memory.begin());
  ++parts_.statistics.hits;
  parts_.statistics.payload_bytes_read += get->payload_bytes;
  return absl::OkStatus();
}

std::optional<uint64_t> RawBlockCore::Exists(std::string_view key) const {
  const std::optional<EntryId> id = parts_.entries.Find(key);
  if (!id.has_value()) return std::nullopt;
  return parts_.entries.entry(*id).payload_bytes;
}

// --- Removals and pins ---------------------------------------------------------------------

void RawBlockCore::Remove(std::string_view key, const RemoveOptions& options, Done done) {
  Operation* remove = parts_.operations.Begin(Operation::Kind::kRemove);
  remove->key = key;
  remove->remove_options = options;
  remove->done = std::move(done);
  removes_.Start(remove);
  GrantTurns();
}

std::optional<Pin> RawBlockCore::PinKey(std::string_view key) {
  const std::optional<EntryId> id = parts_.entries.Find(key);
  if (!id.has_value()) return std::nullopt;
  return parts_.entries.PinEntry(*id);
}

// --- Moving forward ----------------------------------------------------------------------------

// Gets and puts by turns, so that neither waits for a crowd of the others.
void RawBlockCore::GrantTurns() {
  removes_.Retry();
  bool moved = true;
  while (moved) {
    while (Operation* write = parts_.lines.Next()) {
      write->kind == Operation::Kind::kPut ? puts_.Begin(write) : removes_.Begin(write);
    }
    const bool started = StartNextGet();
    moved = puts_.PlaceNext() || started;
  }
}

bool RawBlockCore::StartNextGet() {
  Operation* const get = parts_.turns.First(Operation::Kind::kGet);
  if (get == nullptr) return false;
  parts_.turns.LeaveLine(Operation::Kind::kGet);
  StartGet(get);
  return true;
}

void RawBlockCore::Flush(Done done) {
  Operation* flush = parts_.operations.Begin(Operation::Kind::kFlush);
  flush->done = std::move(done);
  parts_.commits.Await(flush);
}

void RawBlockCore::Checkpoint(Done done) {
  Operation* checkpoint = parts_.operations.Begin(Operation::Kind::kCheckpoint);
  checkpoint->done = std::move(done);
  parts_.commits.AwaitCheckpoint(checkpoint);
}

absl::Status RawBlockCore::Poll(absl::Duration timeout) {
  Advance();
  // Nothing else to do: a group now costs nobody anything.
  if (parts_.device->in_flight() == 0 && parts_.operations.none_completed()) parts_.commits.Commit();
  const absl::Duration until_due = std::max(absl::ZeroDuration(), parts_.commits.commit_due() - clock_->Now());
  absl::Status status =
      parts_.device->Poll(parts_.operations.none_completed() ? std::min(timeout, until_due) : absl::ZeroDuration());
  Advance();
  parts_.operations.RunCompleted();
  return status;
}

// What has become durable frees room and entries, so it comes before those that wait for them; what they append goes
// into the group that is written last.
void RawBlockCore::Advance() {
  parts_.commits.Finish();
  parts_.entries.FinishDurable();
  parts_.commits.AdvanceCheckpoint();
  GrantTurns();
  parts_.commits.CommitIfDue(clock_->Now(), puts_.awaiting_room() + removes_.waiting() > 0);
}

bool RawBlockCore::idle() const {
  return parts_.device->in_flight() == 0 && parts_.operations.none_completed() && parts_.turns.waiting() == 0 &&
         parts_.lines.empty() && parts_.commits.idle();
}

absl::Status RawBlockCore::Close() {
  const absl::Status flushed = AwaitAnswer(&RawBlockCore::Flush);
  return flushed.ok() ? AwaitAnswer(&RawBlockCore::Checkpoint) : flushed;
}

// --- Views ----------------------------------------------------------------------------

Statistics RawBlockCore::statistics() const {
  const Journal& journal = parts_.journal;
  const CheckpointWriter& checkpoint = parts_.checkpoint;
  Statistics statistics = parts_.statistics;
  statistics.evictions = parts_.entries.evictions();
  statistics.evicted_blocks = parts_.entries.evicted_blocks();
  statistics.journal_groups = journal.groups_written();
  statistics.journal_bytes_written = journal.bytes_written();
  statistics.checkpoints = parts_.commits.checkpoints();
  statistics.checkpoint_bytes_written = checkpoint.bytes_written();
  statistics.flushes += journal.flushes() + checkpoint.flushes();
  statistics.device_bytes_written += journal.bytes_written() + checkpoint.bytes_written();
  return statistics;
}

// Every operation is in one place: in line for a turn, at work on the device, waiting for the journal or for a commit,
// in the line of its key, or due for its callback. The first in line of each key is a put in line for a turn or at
// work, or a removal that waits for the journal.
void RawBlockCore::CheckInvariants() const {
  parts_.entries.CheckInvariants();
  parts_.operations.CheckInvariants();
  parts_.lines.CheckInvariants();
  parts_.turns.CheckInvariants();
  parts_.commits.CheckInvariants();
  puts_.CheckInvariants();
  uint64_t reads = 0;
  for (EntryId id = 0; id < parts_.entries.id_limit(); ++id) reads += parts_.entries.entry(id).reads;
  const auto taken = static_cast<uint64_t>(parts_.turns.taken());
  CHECK_EQ(taken + parts_.turns.waiting(Operation::Kind::kGet).size(), parts_.entries.reservations() + reads);
  CHECK_EQ(parts_.lines.keys(), parts_.lines.due() + parts_.turns.waiting(Operation::Kind::kPut).size() +
                                    parts_.entries.reservations() + removes_.waiting());
  CHECK_EQ(parts_.operations.under_way(),
           parts_.operations.completed() + parts_.lines.size() + reads + parts_.commits.waiting());
}

}  // namespace slotwise
