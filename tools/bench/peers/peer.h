// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_PEER_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_PEER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace slotwise {

// What every peer is opened with.
struct PeerOptions {
  std::string folder = {};                // the peer's own; empty
  std::vector<std::string> devices = {};  // files written from end to end, one per submitter; only one peer uses them
  uint64_t payload_bytes = 64 << 10;      // of every payload; a multiple of kPayloadAlignment
  uint64_t payloads = 0;                  // the most that will be put; each device has room for all, and a quarter more
  int submitters = 1;                     // threads that put and get at a time
  int workers = 4;                        // threads of a peer's own, where its calls block
  std::span<std::byte> memory = {};       // all payloads lie in it; outlives the peer
};

inline constexpr size_t kPayloadAlignment = 4096;

// Some keys and their payloads.
struct Batch {
  int submitter = 0;                       // who asks, from 0; gets only what it put
  std::span<const std::string> keys = {};  // each at most 120 bytes, without '/'
  std::span<std::byte> payloads = {};      // one of payload_bytes for each key, in their order, side by side

  std::span<std::byte> payload(size_t i) const {
    const size_t bytes = payloads.size() / keys.size();
    return payloads.subspan(i * bytes, bytes);
  }
};

// Where gets may read.
enum class ReadPath : uint8_t {
  kDevice,     // past the page cache, where the peer can
  kPageCache,  // through the page cache, where the peer can
};

// A store that Slotwise is measured beside, set up as somebody would who keeps
// KV-cache chunks in it: nothing is compressed, and the last puts may be lost in a
// crash of the machine.
//
// Put and Get may be called by all submitters at once; the other calls while no
// other is under way. All block.
class Peer {
 public:
  // REQUIRES: closed.
  virtual ~Peer() = default;

  // Stores what is not there yet.
  virtual absl::Status Put(const Batch& batch) = 0;

  // Reads all payloads of `batch`. kNotFound: one of the keys was never put.
  virtual absl::Status Get(const Batch& batch) = 0;

  // Brings everything that was put to the device, to where it will stay.
  virtual absl::Status Flush() = 0;

  // Before gets: chooses their path, and lets go of everything that the peer holds
  // in memory, or keeps the page cache from dropping.
  virtual absl::Status PrepareGets(ReadPath path) = 0;

  // Nothing but the destructor may follow.
  virtual absl::Status Close() = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_PEER_H_
