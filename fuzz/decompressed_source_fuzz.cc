// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "glog/logging.h"
#include "tools/traces/decompressed_source.h"
#include "tools/traces/string_source.h"

namespace {

constexpr size_t kTextBytesMax = size_t{1} << 20;

// What `bytes` hold, up to kTextBytesMax, read `piece` bytes at a time; or the error, if it comes before.
absl::StatusOr<std::string> Decompress(const std::string& bytes, size_t piece) {
  slotwise::DecompressedSource source(std::make_unique<slotwise::StringSource>(bytes), "fuzz");
  std::vector<char> buffer(piece);
  std::string text;
  while (text.size() < kTextBytesMax) {
    const absl::StatusOr<size_t> count = source.Read(buffer);
    if (!count.ok()) return count.status();
    CHECK_LE(*count, piece);
    text.append(buffer.data(), *count);
    if (*count == piece) continue;
    CHECK_EQ(source.Read(buffer).value(), 0u);
    break;
  }
  return text.substr(0, kTextBytesMax);
}

// Whether there may be more than was read, damage for instance.
bool IsCut(const absl::StatusOr<std::string>& text) { return text.ok() && text->size() == kTextBytesMax; }

}  // namespace

// Any bytes are undone or refused, and the same however they are read; but damage near kTextBytesMax shows only to who
// reads as far, and how exactly an error tells its place depends on how much was read at a time.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<std::string> in_pieces = Decompress(bytes, 997);
  const absl::StatusOr<std::string> at_once = Decompress(bytes, kTextBytesMax);
  if (in_pieces.ok() != at_once.ok() && (IsCut(in_pieces) || IsCut(at_once))) return 0;
  CHECK_EQ(in_pieces.status().code(), at_once.status().code());
  if (in_pieces.ok()) CHECK(*in_pieces == *at_once);
  return 0;
}
