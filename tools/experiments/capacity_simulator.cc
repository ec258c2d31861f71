// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/capacity_simulator.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "glog/logging.h"

namespace slotwise {
namespace {

constexpr size_t kSlices = 64;
constexpr uint64_t kSearchesSavedMax = 64;

Distribution DistributionOf(std::vector<float> values) {
  Distribution distribution;
  if (values.empty()) return distribution;
  std::sort(values.begin(), values.end());
  const auto at = [&](double part) {
    return values[static_cast<size_t>(part * static_cast<double>(values.size() - 1))];
  };
  double sum = 0;
  for (const float value : values) sum += value;
  return {.mean = sum / static_cast<double>(values.size()),
          .p50 = at(0.5),
          .p99 = at(0.99),
          .p999 = at(0.999),
          .max = values.back()};
}

float Ratio(uint64_t numerator, uint64_t denominator) {
  return static_cast<float>(static_cast<double>(numerator) / static_cast<double>(denominator));
}

}  // namespace

CapacitySimulator::CapacitySimulator(const Scenario* scenario, SimulatedSpace* space, EvictionPolicy* policy,
                                     const Watermarks& watermarks)
    : scenario_(scenario),
      space_(space),
      policy_(policy),
      room_(policy, watermarks, this),
      entries_(scenario->object_bytes().size(), kNone),
      last_use_ms_(scenario->object_bytes().size()),
      slice_samples_(std::min(kSlices, scenario->requests().size())),
      ages_(65) {
  counts_.capacity_bytes = space->capacity();
}

void CapacitySimulator::Step() {
  const ScenarioRequest& request = scenario_->requests()[next_];
  now_ms_ = request.timestamp_ms;
  const size_t chunks_present = ChunksPresent(request);
  Touch(request, chunks_present);
  Put(request, chunks_present);
  Count(request, chunks_present);
  Sample();
  ++next_;
}

uint32_t CapacitySimulator::ObjectsPresent(const ScenarioChunk& chunk) const {
  uint32_t objects = 0;
  while (objects < chunk.objects && IsPresent(chunk.first_object + objects)) ++objects;
  return objects;
}

size_t CapacitySimulator::ChunksPresent(const ScenarioRequest& request) const {
  size_t chunks = 0;
  while (chunks < request.chunks.size()) {
    const ScenarioChunk& chunk = scenario_->chunks()[request.chunks[chunks]];
    if (ObjectsPresent(chunk) < chunk.objects) break;
    ++chunks;
  }
  return chunks;
}

// Also what is there of the first chunk that is not whole: it was read in vain.
void CapacitySimulator::Touch(const ScenarioRequest& request, size_t chunks_present) {
  for (size_t i = std::min(chunks_present + 1, request.chunks.size()); i-- > 0;) {
    const ScenarioChunk& chunk = scenario_->chunks()[request.chunks[i]];
    for (uint32_t object = ObjectsPresent(chunk); object-- > 0;) {
      last_use_ms_[chunk.first_object + object] = now_ms_;
      policy_->Touch(entries_[chunk.first_object + object]);
    }
  }
}

void CapacitySimulator::Put(const ScenarioRequest& request, size_t chunks_present) {
  for (size_t i = request.chunks.size(); i-- > chunks_present;) {
    const ScenarioChunk& chunk = scenario_->chunks()[request.chunks[i]];
    for (uint32_t object = 0; object < chunk.objects; ++object) PutObject(chunk.first_object + object);
  }
}

void CapacitySimulator::PutObject(uint32_t object) {
  last_use_ms_[object] = now_ms_;
  if (IsPresent(object)) return policy_->Touch(entries_[object]);
  const uint64_t bytes = scenario_->object_bytes()[object];
  if (bytes > space_->largest_allocation()) {
    ++counts_.refused_too_large;
    return;
  }
  RoomRequest request{.wanted = bytes, .arrival = policy_->Arrive(object, space_->SizeOf(bytes))};
  if (!Place(object, &request)) return;
  request.arrival.size = space_->Occupied(object);
  policy_->Track(NewEntry(object), request.arrival);
  refused_size_ = 0;
  payload_bytes_ += bytes;
  extents_ += space_->Extents(object);
  EvictAhead(&request);
}

bool CapacitySimulator::Place(uint32_t object, RoomRequest* request) {
  while (!space_->Allocate(object, request->wanted)) {
    if (NothingChangedSinceRefusal(request->arrival) || !room_.MakeRoom(request, RoomOutlook())) {
      ++counts_.refused_no_room;
      refused_size_ = request->arrival.size;
      return false;
    }
  }
  ++counts_.allocations;
  evictions_.push_back(static_cast<float>(request->evictions));
  evicted_per_byte_.push_back(Ratio(request->evicted, request->arrival.size));
  reclaimed_per_byte_.push_back(evicted_per_byte_.back());
  return true;
}

// Saves most of the searches of a store that refuses all that comes: every entry was
// asked in vain.
bool CapacitySimulator::NothingChangedSinceRefusal(const Arrival& arrival) {
  return refused_size_ == arrival.size && ++searches_saved_ % kSearchesSavedMax != 0;
}

void CapacitySimulator::EvictAhead(RoomRequest* request) {
  const uint64_t before = counts_.evictions;
  room_.EvictAhead(request);
  counts_.evictions_ahead += counts_.evictions - before;
  reclaimed_per_byte_.back() += Ratio(request->evicted, request->arrival.size);
}

std::optional<uint64_t> CapacitySimulator::GainOf(EntryId entry, uint64_t bytes) const {
  return objects_[entry] == kNone ? std::nullopt : space_->Gain(objects_[entry], bytes);
}

EntryId CapacitySimulator::NewEntry(uint32_t object) {
  if (free_entries_.empty()) {
    free_entries_.push_back(id_limit());
    objects_.push_back(kNone);
  }
  const EntryId entry = free_entries_.back();
  free_entries_.pop_back();
  entries_[object] = entry;
  objects_[entry] = object;
  return entry;
}

uint64_t CapacitySimulator::Evict(EntryId entry) {
  const uint32_t object = std::exchange(objects_[entry], kNone);
  entries_[object] = kNone;
  free_entries_.push_back(entry);
  refused_size_ = 0;
  const uint64_t bytes = scenario_->object_bytes()[object];
  ++counts_.evictions;
  const uint64_t occupied = space_->Occupied(object);
  evicted_bytes_ += occupied;
  payload_bytes_ -= bytes;
  space_->Free(object);
  Ages& ages = ages_[std::bit_width(bytes) - 1];
  ++ages.evictions;
  ages.age_ms += now_ms_ - last_use_ms_[object];
  return occupied;
}

void CapacitySimulator::Count(const ScenarioRequest& request, size_t chunks_present) {
  ++counts_.requests;
  counts_.prompt_tokens += request.prompt_tokens;
  for (size_t i = 0; i < request.chunks.size(); ++i) {
    const ScenarioChunk& chunk = scenario_->chunks()[request.chunks[i]];
    uint64_t bytes = 0;
    for (uint32_t object = 0; object < chunk.objects; ++object) {
      bytes += scenario_->object_bytes()[chunk.first_object + object];
    }
    counts_.objects_wanted += chunk.objects;
    counts_.bytes_wanted += bytes;
    if (i >= chunks_present) continue;
    counts_.objects_hit += chunk.objects;
    counts_.bytes_hit += bytes;
    counts_.prompt_tokens_hit += chunk.tokens;
  }
}

void CapacitySimulator::Sample() {
  if (!warm_) warm_samples_ = Samples();
  warm_ = counts_.evictions > 0 || counts_.refused() > 0;
  Samples& slice = slice_samples_[next_ * slice_samples_.size() / scenario_->requests().size()];
  AddSample(&warm_samples_);
  AddSample(&slice);
  slice.refused += counts_.refused() - refused_before_;
  slice.evictions += counts_.evictions - evictions_before_;
  refused_before_ = counts_.refused();
  evictions_before_ = counts_.evictions;
}

void CapacitySimulator::AddSample(Samples* samples) const {
  const auto capacity = static_cast<double>(space_->capacity());
  const double payload = static_cast<double>(payload_bytes_) / capacity;
  const double free = static_cast<double>(space_->free()) / capacity;
  ++samples->count;
  samples->utilisation += payload;
  samples->utilisation_min = std::min(samples->utilisation_min, payload);
  samples->internal_waste += 1 - free - payload;
  samples->occupied += 1 - free;
  samples->external_free += free;
}

CapacityResult CapacitySimulator::result() const {
  CapacityResult result = counts_;
  result.evicted_bytes = evicted_bytes_;
  result.rebinds = space_->Rebinds();
  result.largest_free_run = static_cast<double>(space_->LargestFreeRun()) / static_cast<double>(space_->capacity());
  result.orphans = Orphans();
  result.entries = objects_.size() - free_entries_.size();
  result.evictions_per_allocation = DistributionOf(evictions_);
  result.evicted_per_allocated_byte = DistributionOf(evicted_per_byte_);
  result.reclaimed_per_allocated_byte = DistributionOf(reclaimed_per_byte_);
  if (counts_.allocations > 0) {
    result.extents_per_payload = static_cast<double>(extents_) / static_cast<double>(counts_.allocations);
  }
  AddMeans(&result);
  AddTailAges(&result);
  return result;
}

void CapacitySimulator::AddMeans(CapacityResult* result) const {
  const auto warm = static_cast<double>(std::max<uint64_t>(warm_samples_.count, 1));
  result->utilisation_mean = warm_samples_.utilisation / warm;
  result->utilisation_min = warm_samples_.utilisation_min;
  if (warm_samples_.occupied > 0) {
    result->internal_waste_mean = warm_samples_.internal_waste / warm_samples_.occupied;
  }
  result->external_free_mean = warm_samples_.external_free / warm;
  for (const Samples& samples : slice_samples_) {
    const auto count = static_cast<double>(std::max<uint64_t>(samples.count, 1));
    result->slices.push_back({.utilisation = samples.utilisation / count,
                              .internal_waste = samples.internal_waste / count,
                              .external_free = samples.external_free / count,
                              .refused = samples.refused,
                              .evictions = samples.evictions});
  }
}

void CapacitySimulator::AddTailAges(CapacityResult* result) const {
  for (size_t i = 0; i < ages_.size(); ++i) {
    if (ages_[i].evictions == 0) continue;
    const auto evictions = static_cast<double>(ages_[i].evictions);
    result->tail_ages.push_back({.bytes = uint64_t{1} << i,
                                 .evictions = ages_[i].evictions,
                                 .tail_age_s = static_cast<double>(ages_[i].age_ms) / 1000 / evictions});
  }
}

// A chunk's number is above its parent's.
uint64_t CapacitySimulator::Orphans() const {
  std::vector<bool> reachable(scenario_->chunks().size());
  uint64_t orphans = 0;
  for (size_t i = 0; i < reachable.size(); ++i) {
    const ScenarioChunk& chunk = scenario_->chunks()[i];
    const bool prefix_reachable = chunk.parent == i || reachable[chunk.parent];
    reachable[i] = prefix_reachable && ObjectsPresent(chunk) == chunk.objects;
    if (prefix_reachable) continue;
    for (uint32_t object = 0; object < chunk.objects; ++object)
      orphans += IsPresent(chunk.first_object + object) ? 1 : 0;
  }
  return orphans;
}

void CapacitySimulator::CheckInvariants() const {
  space_->CheckInvariants();
  policy_->CheckInvariants();
  uint64_t payload = 0;
  for (uint32_t object = 0; object < entries_.size(); ++object) {
    if (!IsPresent(object)) continue;
    CHECK_EQ(objects_[entries_[object]], object);
    payload += scenario_->object_bytes()[object];
  }
  CHECK_EQ(payload, payload_bytes_);
  CHECK_LE(payload, space_->capacity() - space_->free());
}

}  // namespace slotwise
