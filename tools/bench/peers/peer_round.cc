// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/peer_round.h"

#include <sys/resource.h>

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "rawblock/core/clock.h"
#include "tools/bench/peers/page_cache.h"
#include "tools/bench/peers/worker_pool.h"

namespace slotwise {
namespace {

absl::Duration CpuTime() {
  rusage usage;
  PCHECK(::getrusage(RUSAGE_SELF, &usage) == 0);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

class PeerRound {
 public:
  PeerRound(Peer* peer, const PeerOptions& options, ChunkSet* chunks)
      : peer_(peer), options_(options), chunks_(chunks), submitters_(options.submitters) {}

  absl::StatusOr<RoundCost> Run() {
    RoundCost cost;
    absl::Status status = Time([&] { return PutAll(); }, &cost.put);
    if (status.ok()) status = PrepareGets(ReadPath::kDevice);
    if (status.ok()) status = Time([&] { return GetAll(); }, &cost.get);
    if (status.ok()) status = VerifyLast();
    if (status.ok()) status = peer_->PrepareGets(ReadPath::kPageCache);
    if (status.ok()) status = VerifyAll();
    if (status.ok()) status = Time([&] { return GetAll(); }, &cost.cached_get);
    if (status.ok()) status = VerifyLast();
    if (!status.ok()) return status;
    return cost;
  }

 private:
  absl::Status Time(absl::FunctionRef<absl::Status()> work, PhaseCost* cost) {
    const absl::Time began = clock_.Now();
    const absl::Duration cpu_time = CpuTime();
    absl::Status status = work();
    *cost = {.elapsed = clock_.Now() - began, .cpu_time = CpuTime() - cpu_time};
    return status;
  }

  // Calls `work` with every submitter and each of its batches in turn.
  absl::Status ForEachBatch(absl::FunctionRef<absl::Status(int, size_t)> work) {
    return submitters_.Run(static_cast<size_t>(options_.submitters), [&](size_t submitter) {
      absl::Status status;
      for (size_t i = 0; i < chunks_->batches() && status.ok(); ++i) status = work(static_cast<int>(submitter), i);
      return status;
    });
  }

  absl::Status PutAll() {
    absl::Status put =
        ForEachBatch([&](int submitter, size_t i) { return peer_->Put(chunks_->PutBatch(submitter, i)); });
    return put.ok() ? peer_->Flush() : put;
  }

  absl::Status GetAll() {
    return ForEachBatch([&](int submitter, size_t i) { return peer_->Get(chunks_->GetBatch(submitter, i)); });
  }

  absl::Status VerifyAll() {
    return ForEachBatch([&](int submitter, size_t i) {
      const Batch batch = chunks_->GetBatch(submitter, i);
      ChunkSet::Clear(batch);
      absl::Status got = peer_->Get(batch);
      return got.ok() ? chunks_->Verify(batch) : got;
    });
  }

  // What the last timed gets have left in memory.
  absl::Status VerifyLast() {
    absl::Status status;
    for (int submitter = 0; submitter < options_.submitters; ++submitter) {
      status.Update(chunks_->Verify(chunks_->GetBatch(submitter, chunks_->batches() - 1)));
    }
    return status;
  }

  absl::Status PrepareGets(ReadPath path) {
    absl::Status status = peer_->PrepareGets(path);
    status.Update(DropFromPageCache(options_.folder));
    for (const std::string& device : options_.devices) status.Update(DropFromPageCache(device));
    return status;
  }

  Peer* const peer_;
  const PeerOptions& options_;
  ChunkSet* const chunks_;
  SystemClock clock_;
  WorkerPool submitters_;
};

absl::Status Named(const PeerEntry& entry, const absl::Status& status) {
  return {status.code(),
          absl::StrCat(absl::string_view(entry.title.data(), entry.title.size()), ": ", status.message())};
}

}  // namespace

absl::StatusOr<RoundCost> RunRound(const PeerEntry& entry, const PeerOptions& options, ChunkSet* chunks) {
  const absl::StatusOr<std::unique_ptr<Peer>> peer = entry.open(options);
  if (!peer.ok()) return Named(entry, peer.status());
  absl::StatusOr<RoundCost> cost = PeerRound(peer->get(), options, chunks).Run();
  const absl::Status closed = (*peer)->Close();
  if (!cost.ok()) return Named(entry, cost.status());
  if (!closed.ok()) return Named(entry, closed);
  return cost;
}

}  // namespace slotwise
