// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_CHUNK_STREAM_H_
#define SLOTWISE_TOOLS_TRACES_CHUNK_STREAM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tools/traces/payload_sizer.h"
#include "tools/traces/trace_request.h"

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

// How an engine cuts a prompt.
enum class Chunking : uint8_t {
  kFull,         // full chunks only; what is left at the end is not stored
  kPartialTail,  // that is stored too
  // The prompt is computed in steps of 256 to 2048 tokens, and each is cut into
  // full chunks and a partial one. How long a step is depends on the tokens
  // before it alone, so that prompts with a common prefix share its chunks.
  kPrefillSteps,
};

// Turns the prompts of a trace into chunks with the keys and sizes that LMCache
// would give them. A trace block of 512 tokens is two chunks, unless steps say
// otherwise. A chunk is full only if the prompt covers all its 256 tokens.
//
// Keys are "model@kv_rank@object_group@chunk_hash". The hash is of the id of the
// block in which the chunk ends, which stands for everything before it too, of
// where it ends there and of its number of tokens: so a partial tail never
// shares a key with the full chunk that a later turn makes of it.
class ChunkStream {
 public:
  ChunkStream(const PayloadSizer& sizer, Chunking chunking) : sizer_(sizer), chunking_(chunking) {}

  // The chunks of the prompt of `request`, in order.
  // REQUIRES: request.hash_ids covers request.input_length.
  std::vector<Chunk> Chunks(const TraceRequest& request) const;

 private:
  // The end of the step that begins at the token `start`.
  uint32_t StepEnd(const TraceRequest& request, uint32_t start) const;
  // The chunk of `tokens` tokens that ends before the token `end`.
  Chunk MakeChunk(const TraceRequest& request, uint32_t end, uint32_t tokens) const;

  PayloadSizer sizer_;
  Chunking chunking_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_CHUNK_STREAM_H_
