// SPDX-License-Identifier: Apache-2.0
#include "tools/replay/trace_replayer.h"

#include <algorithm>

#include "glog/logging.h"
#include "slotwise/statistics.h"
#include "tools/replay/payload_pattern.h"

namespace slotwise {

TraceReplayer::TraceReplayer(RawBlockCore* core, Clock* clock, std::span<std::byte> arena, const Options& options,
                             ReplayObserver* observer)
    : core_(core), clock_(clock), arena_(arena), options_(options), observer_(observer) {
  CHECK_GT(options.buffer_bytes, 0u);
  buffers_ = arena.size() / options.buffer_bytes;
  CHECK_GT(buffers_, 0u);
  for (size_t buffer = 0; buffer < buffers_; ++buffer) free_buffers_.push_back(buffer);
}

absl::Status TraceReplayer::Replay(std::span<const Chunk> chunks, uint64_t prompt_tokens) {
  std::vector<Lookup> lookups = FindPrefix(chunks);
  if (absl::Status status = GetAll(lookups); !status.ok()) return status;
  const size_t chunks_hit = ChunksHit(chunks, lookups);
  if (absl::Status status = PutAll(chunks.subspan(chunks_hit)); !status.ok()) return status;
  CountPrompt(chunks, chunks_hit, prompt_tokens);
  SampleOccupancy();
  return absl::OkStatus();
}

std::vector<TraceReplayer::Lookup> TraceReplayer::FindPrefix(std::span<const Chunk> chunks) const {
  std::vector<Lookup> lookups;
  for (const Chunk& chunk : chunks) {
    for (const ChunkObject& object : chunk.objects) {
      lookups.push_back({.object = &object});
      if (!core_->Exists(object.key).has_value()) return lookups;
    }
  }
  return lookups;
}

absl::Status TraceReplayer::GetAll(std::span<Lookup> lookups) {
  const absl::Time started = clock_->Now();
  for (auto lookup = lookups.rbegin(); lookup != lookups.rend(); ++lookup) {
    const absl::StatusOr<size_t> buffer = TakeBuffer();
    if (!buffer.ok()) return buffer.status();
    Get(*buffer, &*lookup);
  }
  absl::Status status = Drain();
  counts_.get_seconds += absl::ToDoubleSeconds(clock_->Now() - started);
  return status;
}

absl::Status TraceReplayer::PutAll(std::span<const Chunk> chunks) {
  const absl::Time started = clock_->Now();
  for (auto chunk = chunks.rbegin(); chunk != chunks.rend(); ++chunk) {
    for (const ChunkObject& object : chunk->objects) {
      const absl::StatusOr<size_t> buffer = TakeBuffer();
      if (!buffer.ok()) return buffer.status();
      Put(*buffer, object);
    }
  }
  absl::Status status = Drain();
  counts_.put_seconds += absl::ToDoubleSeconds(clock_->Now() - started);
  return status;
}

size_t TraceReplayer::ChunksHit(std::span<const Chunk> chunks, std::span<const Lookup> lookups) {
  size_t lookup = 0;
  for (size_t chunk = 0; chunk < chunks.size(); ++chunk) {
    for (size_t object = 0; object < chunks[chunk].objects.size(); ++object, ++lookup) {
      if (lookup == lookups.size() || !lookups[lookup].hit) return chunk;
    }
  }
  return chunks.size();
}

void TraceReplayer::CountPrompt(std::span<const Chunk> chunks, size_t chunks_hit, uint64_t prompt_tokens) {
  ++counts_.requests;
  counts_.prompt_tokens += prompt_tokens;
  for (size_t i = 0; i < chunks.size(); ++i) {
    uint64_t bytes = 0;
    for (const ChunkObject& object : chunks[i].objects) bytes += object.payload_bytes;
    counts_.prompt_bytes += bytes;
    if (i >= chunks_hit) continue;
    counts_.prompt_tokens_hit += chunks[i].tokens;
    counts_.prompt_bytes_hit += bytes;
  }
}

void TraceReplayer::SampleOccupancy() {
  if (!warm_) occupancy_samples_ = OccupancySamples();
  warm_ = core_->statistics().evictions > 0 || counts_.refused_puts > 0;
  const Occupancy now = core_->occupancy();
  const auto capacity_blocks = static_cast<double>(now.capacity_blocks);
  const auto live_blocks = static_cast<double>(now.payload_bytes) / now.block_bytes;
  const double utilisation = live_blocks / capacity_blocks;
  occupancy_samples_.utilisation_sum += utilisation;
  occupancy_samples_.utilisation_min = std::min(occupancy_samples_.utilisation_min, utilisation);
  if (now.payload_blocks > 0)
    occupancy_samples_.internal_waste_sum += 1 - live_blocks / static_cast<double>(now.payload_blocks);
  occupancy_samples_.external_free_sum +=
      static_cast<double>(now.free_blocks + now.awaiting_free_blocks) / capacity_blocks;
  ++occupancy_samples_.samples;
}

ReplayResult TraceReplayer::result() const {
  ReplayResult result = counts_;
  const Statistics statistics = core_->statistics();
  result.evictions = statistics.evictions;
  result.checksum_failures = statistics.checksum_failures;
  result.metadata_bytes_written = statistics.journal_bytes_written + statistics.checkpoint_bytes_written;
  result.device_bytes_written = statistics.device_bytes_written;
  result.get_p50_us = get_latency_.PercentileUs(0.5);
  result.get_p99_us = get_latency_.PercentileUs(0.99);
  result.put_p50_us = put_latency_.PercentileUs(0.5);
  result.put_p99_us = put_latency_.PercentileUs(0.99);
  if (occupancy_samples_.samples == 0) return result;
  const auto samples = static_cast<double>(occupancy_samples_.samples);
  result.utilisation_mean = occupancy_samples_.utilisation_sum / samples;
  result.utilisation_min = occupancy_samples_.utilisation_min;
  result.internal_waste_ratio = occupancy_samples_.internal_waste_sum / samples;
  result.external_free_ratio = occupancy_samples_.external_free_sum / samples;
  return result;
}

void TraceReplayer::Get(size_t buffer, Lookup* lookup) {
  ++counts_.gets;
  const absl::Time started = clock_->Now();
  core_->Get(lookup->object->key, Buffer(buffer),
             [this, buffer, lookup, started](const absl::StatusOr<uint64_t>& bytes) {
               GetDone(buffer, lookup, started, bytes);
             });
}

void TraceReplayer::GetDone(size_t buffer, Lookup* lookup, absl::Time started, const absl::StatusOr<uint64_t>& bytes) {
  free_buffers_.push_back(buffer);
  if (!bytes.ok()) {
    const bool miss = absl::IsNotFound(bytes.status()) || absl::IsDataLoss(bytes.status());
    if (!miss) failure_.Update(bytes.status());
    return;
  }
  get_latency_.Record(clock_->Now() - started);
  lookup->hit = true;
  ++counts_.hits;
  counts_.bytes_got += *bytes;
  counts_.wrong_bytes += WrongBytes(Buffer(buffer).first(*bytes), *lookup->object);
}

void TraceReplayer::Put(size_t buffer, const ChunkObject& object) {
  ++counts_.puts;
  const std::span<std::byte> payload = Buffer(buffer).first(object.payload_bytes);
  FillPattern(payload, object.key_hash);
  const absl::Time started = clock_->Now();
  core_->Put(object.key, payload, {.durability = options_.durability},
             [this, buffer, &object, started](const absl::StatusOr<PutOutcome>& outcome) {
               PutDone(buffer, object, started, outcome);
             });
}

void TraceReplayer::PutDone(size_t buffer, const ChunkObject& object, absl::Time started,
                            const absl::StatusOr<PutOutcome>& outcome) {
  free_buffers_.push_back(buffer);
  if (absl::IsResourceExhausted(outcome.status())) {
    ++counts_.refused_puts;
    return;
  }
  failure_.Update(outcome.status());
  if (!outcome.ok()) return;
  if (observer_ != nullptr && options_.durability == Durability::kDurable) observer_->OnDurable(object);
  if (*outcome != PutOutcome::kStored) return;
  put_latency_.Record(clock_->Now() - started);
  counts_.bytes_put += object.payload_bytes;
}

uint64_t TraceReplayer::WrongBytes(std::span<const std::byte> got, const ChunkObject& object) const {
  const uint64_t common = std::min<uint64_t>(got.size(), object.payload_bytes);
  const uint64_t missing_or_extra = std::max<uint64_t>(got.size(), object.payload_bytes) - common;
  return missing_or_extra + CountWrongBytes(got.first(common), object.key_hash);
}

absl::StatusOr<size_t> TraceReplayer::TakeBuffer() {
  while (free_buffers_.empty()) {
    if (absl::Status status = core_->Poll(absl::InfiniteDuration()); !status.ok()) return status;
  }
  const size_t buffer = free_buffers_.back();
  free_buffers_.pop_back();
  return buffer;
}

std::span<std::byte> TraceReplayer::Buffer(size_t buffer) const {
  return arena_.subspan(buffer * options_.buffer_bytes, options_.buffer_bytes);
}

absl::Status TraceReplayer::Drain() {
  while (free_buffers_.size() < buffers_) {
    if (absl::Status status = core_->Poll(absl::InfiniteDuration()); !status.ok()) return status;
  }
  return failure_;
}

}  // namespace slotwise
