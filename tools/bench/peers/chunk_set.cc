// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/chunk_set.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "glog/logging.h"
#include "tools/replay/payload_pattern.h"
#include "xxhash.h"

namespace slotwise {
namespace {

constexpr size_t kStampBytes = sizeof(uint64_t);

// As LMCache makes them: model, ranks, object group, hash of the tokens.
std::string KeyOf(int submitter, size_t number) {
  const auto id = (static_cast<uint64_t>(submitter) << 32) + number;
  const XXH128_hash_t hash = XXH3_128bits(&id, sizeof(id));
  return absl::StrFormat("llama-3.1-8b@00000001@0@%016x%016x", hash.high64, hash.low64);
}

uint64_t HashOf(const std::string& key) { return XXH3_64bits(key.data(), key.size()); }

uint64_t StampOf(uint64_t key_hash, size_t block) { return key_hash + block * 0x9e3779b97f4a7c15; }

void Stamp(std::span<std::byte> payload, const std::string& key) {
  const uint64_t hash = HashOf(key);
  for (size_t offset = 0; offset < payload.size(); offset += kPayloadAlignment) {
    const uint64_t stamp = StampOf(hash, offset / kPayloadAlignment);
    std::memcpy(payload.data() + offset, &stamp, kStampBytes);
  }
}

bool IsOf(std::span<const std::byte> payload, const std::string& key, std::span<const std::byte> body) {
  const uint64_t hash = HashOf(key);
  for (size_t offset = 0; offset < payload.size(); offset += kPayloadAlignment) {
    const uint64_t stamp = StampOf(hash, offset / kPayloadAlignment);
    const std::byte* const block = payload.data() + offset;
    if (std::memcmp(block, &stamp, kStampBytes) != 0) return false;
    if (std::memcmp(block + kStampBytes, body.data() + offset + kStampBytes, kPayloadAlignment - kStampBytes) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

ChunkSet::ChunkSet(const ChunkSetOptions& options)
    : options_(options),
      body_(options.payload_bytes),
      memory_(options.payload_bytes * options.batch * static_cast<size_t>(options.submitters), kPayloadAlignment) {
  CHECK_EQ(options.payload_bytes % kPayloadAlignment, 0u);
  FillPattern(body_, 1);
  for (size_t offset = 0; offset < memory_.size(); offset += body_.size()) {
    std::ranges::copy(body_, memory_.span().begin() + static_cast<ptrdiff_t>(offset));
  }
  std::mt19937_64 random(1);
  for (int submitter = 0; submitter < options.submitters; ++submitter) {
    Submitter& keys = submitters_.emplace_back();
    for (size_t i = 0; i < options.payloads; ++i) keys.put_order.push_back(KeyOf(submitter, i));
    keys.get_order = keys.put_order;
    std::ranges::shuffle(keys.get_order, random);
  }
}

Batch ChunkSet::MakeBatch(int submitter, std::span<const std::string> order, size_t i) {
  CHECK_LT(i, batches());
  const size_t first = i * options_.batch;
  const size_t count = std::min(options_.batch, order.size() - first);
  const size_t offset = static_cast<size_t>(submitter) * options_.batch * options_.payload_bytes;
  return {.submitter = submitter,
          .keys = order.subspan(first, count),
          .payloads = memory_.span().subspan(offset, count * options_.payload_bytes)};
}

Batch ChunkSet::PutBatch(int submitter, size_t i) {
  Batch batch = MakeBatch(submitter, submitters_[static_cast<size_t>(submitter)].put_order, i);
  for (size_t k = 0; k < batch.keys.size(); ++k) Stamp(batch.payload(k), batch.keys[k]);
  return batch;
}

Batch ChunkSet::GetBatch(int submitter, size_t i) {
  return MakeBatch(submitter, submitters_[static_cast<size_t>(submitter)].get_order, i);
}

void ChunkSet::Clear(const Batch& batch) { std::ranges::fill(batch.payloads, std::byte{0}); }

absl::Status ChunkSet::Verify(const Batch& batch) const {
  for (size_t i = 0; i < batch.keys.size(); ++i) {
    if (!IsOf(batch.payload(i), batch.keys[i], body_)) {
      return absl::DataLossError(absl::StrCat("wrong bytes came back for ", batch.keys[i]));
    }
  }
  return absl::OkStatus();
}

}  // namespace slotwise
