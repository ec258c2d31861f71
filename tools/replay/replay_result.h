// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_REPLAY_REPLAY_RESULT_H_
#define SLOTWISE_TOOLS_REPLAY_REPLAY_RESULT_H_

#include <cstdint>
#include <string>

namespace slotwise {

// What a replay did. An object is what the store keeps: one per object group of a
// chunk. Sizes are in bytes of payload where nothing else is said.
struct ReplayResult {
  uint64_t requests = 0;
  uint64_t gets = 0;  // of objects, up to and including the first miss of a request
  uint64_t hits = 0;  // gets that returned the payload
  uint64_t puts = 0;
  uint64_t refused_puts = 0;  // for want of space or of entries
  uint64_t evictions = 0;
  uint64_t wrong_bytes = 0;  // returned as good, but not what was put
  uint64_t checksum_failures = 0;

  uint64_t prompt_tokens = 0;
  uint64_t prompt_tokens_hit = 0;  // in the chunks before the first miss
  uint64_t prompt_bytes = 0;       // of all chunks of all prompts
  uint64_t prompt_bytes_hit = 0;

  // Averaged over the moments after each request once the store is warm: from
  // its first eviction or refused put on. Of a store that never got warm, as it
  // was after the last request.
  double utilisation_mean = 0;      // live payload, of the data region
  double utilisation_min = 0;       // the same at the worst moment
  double internal_waste_ratio = 0;  // of the occupied space, what is not payload
  double external_free_ratio = 0;   // free or about to be, of the data region

  // Time spent getting and putting, with filling and verifying the payloads.
  double get_seconds = 0;
  double put_seconds = 0;
  uint64_t bytes_got = 0;
  uint64_t bytes_put = 0;
  double get_p50_us = 0;
  double get_p99_us = 0;
  double put_p50_us = 0;
  double put_p99_us = 0;

  uint64_t metadata_bytes_written = 0;  // journal and checkpoints
  uint64_t device_bytes_written = 0;    // everything
};

// What a replay was asked to do: enough to repeat it.
struct ReplayConfig {
  std::string allocator;
  std::string policy;
  std::string durability;
  std::string model;
  std::string scale;
  std::string compression;
  bool save_partial = false;
  int queue_depth = 0;
  bool buffered = false;
  std::string device;
  uint64_t capacity_bytes = 0;  // of the device, as used
  uint64_t data_bytes = 0;      // of them, for payloads
  uint64_t block_bytes = 0;
  uint64_t max_entries = 0;
  std::string trace;         // the path, or "generated"
  std::string trace_sha256;  // of the trace file, or of the generated trace in the same form
  uint64_t seed = 0;
};

struct ReplayRun {
  ReplayConfig config;
  ReplayResult result;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_REPLAY_REPLAY_RESULT_H_
