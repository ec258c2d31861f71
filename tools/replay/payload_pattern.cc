// SPDX-License-Identifier: Apache-2.0
#include "tools/replay/payload_pattern.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace slotwise {
namespace {

constexpr size_t kWordsPerRun = 512;

using Run = std::array<uint64_t, kWordsPerRun>;

// Fibonacci hashing: Knuth, The Art of Computer Programming, volume 3, 6.4.
uint64_t Word(uint64_t key_hash, uint64_t position) {
  const uint64_t product = (key_hash + position) * 0x9E3779B97F4A7C15;
  return product ^ (product >> 32);
}

void FillRun(Run& run, uint64_t key_hash, uint64_t position) {
  for (size_t i = 0; i < run.size(); ++i) run[i] = Word(key_hash, position + i);
}

uint64_t CountDifferences(std::span<const std::byte> bytes, const std::byte* expected) {
  uint64_t count = 0;
  for (size_t i = 0; i < bytes.size(); ++i) count += bytes[i] != expected[i] ? 1 : 0;
  return count;
}

// Calls visit(offset, length, run) for every run of `size` bytes.
template <typename Visitor>
void ForEachRun(size_t size, uint64_t key_hash, Visitor visit) {
  Run run;
  for (size_t offset = 0; offset < size; offset += sizeof(run)) {
    FillRun(run, key_hash, offset / sizeof(uint64_t));
    visit(offset, std::min(sizeof(run), size - offset), reinterpret_cast<const std::byte*>(run.data()));
  }
}

}  // namespace

void FillPattern(std::span<std::byte> bytes, uint64_t key_hash) {
  ForEachRun(bytes.size(), key_hash, [&](size_t offset, size_t length, const std::byte* run) {
    std::memcpy(bytes.data() + offset, run, length);
  });
}

uint64_t CountWrongBytes(std::span<const std::byte> bytes, uint64_t key_hash) {
  uint64_t wrong = 0;
  ForEachRun(bytes.size(), key_hash, [&](size_t offset, size_t length, const std::byte* run) {
    if (std::memcmp(bytes.data() + offset, run, length) == 0) return;
    wrong += CountDifferences(bytes.subspan(offset, length), run);
  });
  return wrong;
}

}  // namespace slotwise
