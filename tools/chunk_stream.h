// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_CHUNK_STREAM_H_
#define SLOTWISE_TOOLS_CHUNK_STREAM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tools/payload_sizer.h"
#include "tools/trace_request.h"

namespace slotwise {

// What a cache stores under one key.
struct ChunkObject {
  std::string key;
  uint64_t key_hash = 0;       // XXH3-64 of `key`: decides the payload's bytes
  uint64_t payload_bytes = 0;  // positive
};

// A piece of a prompt as an inference engine stores it: one object per object
// group of the model, useful only all together.
struct Chunk {
  uint32_t tokens = 0;  // kChunkTokens, or fewer for a partial tail
  std::vector<ChunkObject> objects;
};

// Turns the prompts of a trace into chunks with the keys and sizes that LMCache
// would give them. A trace block of 512 tokens is two chunks. A chunk is full
// only if the prompt covers all its 256 tokens; what is left is a partial tail,
// stored only with `save_partial`.
//
// Keys are "model@kv_rank@object_group@chunk_hash". The hash is of the block's
// id, which stands for everything before it too, the chunk's place in the block
// and its number of tokens: so a partial tail never shares a key with the full
// chunk that a later turn makes of it.
class ChunkStream {
 public:
  ChunkStream(const PayloadSizer& sizer, bool save_partial) : sizer_(sizer), save_partial_(save_partial) {}

  // The chunks of the prompt of `request`, in order.
  // REQUIRES: request.hash_ids covers request.input_length.
  std::vector<Chunk> Chunks(const TraceRequest& request) const;

 private:
  Chunk MakeChunk(uint64_t block_id, uint32_t position, uint32_t tokens) const;

  PayloadSizer sizer_;
  bool save_partial_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_CHUNK_STREAM_H_
