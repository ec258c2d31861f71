// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_CHUNK_SET_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_CHUNK_SET_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "iouring/aligned_buffer.h"
#include "tools/bench/peers/peer.h"

namespace slotwise {

struct ChunkSetOptions {
  uint64_t payload_bytes = 64 << 10;
  size_t payloads = 0;  // of each submitter
  size_t batch = 1;     // payloads in a batch; the last may be smaller
  int submitters = 1;
};

// What is put and got: keys and payloads, in batches, for each submitter its own.
//
// All payloads share one body of random bytes, and each block of 4 KiB in them begins
// with a word that belongs to its key and place. So a put costs next to nothing to
// prepare while the clock runs, and yet another key's payload, a shifted or a torn
// one all show.
//
// Different submitters may use it at once. Each has memory for one batch, which its
// next batch takes over.
class ChunkSet {
 public:
  explicit ChunkSet(const ChunkSetOptions& options);

  // Of all batches.
  std::span<std::byte> memory() { return memory_.span(); }
  size_t batches() const { return (options_.payloads + options_.batch - 1) / options_.batch; }

  // With payloads to put. REQUIRES: i < batches().
  Batch PutBatch(int submitter, size_t i);
  // The same keys in random order; the payloads hold anything.
  Batch GetBatch(int submitter, size_t i);

  // Zeroes the payloads, so that what does not arrive shows.
  static void Clear(const Batch& batch);
  // kDataLoss, with a key, if a byte of the payloads is not as it was put.
  absl::Status Verify(const Batch& batch) const;

 private:
  struct Submitter {
    std::vector<std::string> put_order;
    std::vector<std::string> get_order;
  };

  Batch MakeBatch(int submitter, std::span<const std::string> order, size_t i);

  const ChunkSetOptions options_;
  std::vector<std::byte> body_;
  AlignedBuffer memory_;
  std::vector<Submitter> submitters_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_CHUNK_SET_H_
