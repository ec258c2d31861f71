// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_REPLAY_TRACE_REPLAYER_H_
#define SLOTWISE_TOOLS_REPLAY_TRACE_REPLAYER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "tools/replay/latency_recorder.h"
#include "tools/replay/replay_result.h"
#include "tools/traces/chunk_stream.h"

namespace slotwise {

// Hears which puts a replay was promised as durable, so that a test can check the store after a crash.
class ReplayObserver {
 public:
  virtual ~ReplayObserver() = default;
  // A put of `object` was acknowledged as durable.
  virtual void OnDurable(const ChunkObject& object) = 0;
};

// Puts the chunks of prompts through a store as an inference engine would, and
// measures. For each prompt it gets the chunks up to the first that is not
// there, since only whole prefixes are of use, and puts the others. Every
// payload is the pattern of its key, and every byte that comes back is compared.
//
// Within a prompt as many operations are in flight as there are buffers. The
// gets are all done before the puts begin, and a prompt is done before the next
// one begins: so what is found does not depend on who is faster. Both go from
// the last chunk to the first; thus the head of a prefix, without which the
// rest is useless, is always the most recently used.
//
// Latencies are from the call to its callback, of the gets that hit and the
// puts that were stored.
class TraceReplayer {
 public:
  struct Options {
    Durability durability = Durability::kBatched;
    size_t buffer_bytes = 0;  // of one buffer: the largest payload, rounded up to whole blocks
  };

  // `arena` is cut into buffers; it and the others are borrowed, and `core` dies
  // before `arena` does. `observer` may be null.
  // REQUIRES: `arena` is aligned to the device and holds at least one buffer.
  TraceReplayer(RawBlockCore* core, Clock* clock, std::span<std::byte> arena, const Options& options,
                ReplayObserver* observer);
  TraceReplayer(const TraceReplayer&) = delete;
  TraceReplayer& operator=(const TraceReplayer&) = delete;

  // Serves one prompt of `prompt_tokens` that consists of `chunks`, and a tail
  // too short to be one. An error means that the store cannot go on.
  // REQUIRES: no payload is larger than a buffer.
  absl::Status Replay(std::span<const Chunk> chunks, uint64_t prompt_tokens);

  // What happened so far, metadata written by the core included.
  ReplayResult result() const;

 private:
  // One object of the prompt, on its way.
  struct Lookup {
    const ChunkObject* object;
    bool hit = false;
  };
  // The store after each request since it was warm; see ReplayResult.
  struct OccupancySamples {
    double utilisation_sum = 0;
    double utilisation_min = 1;
    double internal_waste_sum = 0;
    double external_free_sum = 0;
    uint64_t samples = 0;
  };

  std::vector<Lookup> FindPrefix(std::span<const Chunk> chunks) const;
  absl::Status GetAll(std::span<Lookup> lookups);
  absl::Status PutAll(std::span<const Chunk> chunks);
  // How many chunks were returned whole before the first that was not.
  static size_t ChunksHit(std::span<const Chunk> chunks, std::span<const Lookup> lookups);
  void CountPrompt(std::span<const Chunk> chunks, size_t chunks_hit, uint64_t prompt_tokens);
  void SampleOccupancy();

  void Get(size_t buffer, Lookup* lookup);
  void GetDone(size_t buffer, Lookup* lookup, absl::Time started, const absl::StatusOr<uint64_t>& bytes);
  void Put(size_t buffer, const ChunkObject& object);
  void PutDone(size_t buffer, const ChunkObject& object, absl::Time started, const absl::StatusOr<PutOutcome>& outcome);
  uint64_t WrongBytes(std::span<const std::byte> got, const ChunkObject& object) const;

  // Waits for a free buffer.
  absl::StatusOr<size_t> TakeBuffer();
  std::span<std::byte> Buffer(size_t buffer) const;
  // Waits for every operation. The first unexpected error of any, or OK.
  absl::Status Drain();

  RawBlockCore* const core_;
  Clock* const clock_;
  const std::span<std::byte> arena_;
  const Options options_;
  ReplayObserver* const observer_;

  std::vector<size_t> free_buffers_;
  size_t buffers_ = 0;
  absl::Status failure_;

  ReplayResult counts_;
  OccupancySamples occupancy_samples_;
  bool warm_ = false;
  LatencyRecorder get_latency_;
  LatencyRecorder put_latency_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_REPLAY_TRACE_REPLAYER_H_
