// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "glog/logging.h"
#include "tools/decompressed_source.h"
#include "tools/string_source.h"

namespace {

constexpr size_t kTextBytesMax = size_t{1} << 20;

// What `bytes` hold, up to kTextBytesMax, read `piece` bytes at a time; or the error.
std::string Decompress(const std::string& bytes, size_t piece) {
  slotwise::DecompressedSource source(std::make_unique<slotwise::StringSource>(bytes), "fuzz");
  std::vector<char> buffer(piece);
  std::string text;
  while (text.size() < kTextBytesMax) {
    const absl::StatusOr<size_t> count = source.Read(buffer);
    if (!count.ok()) return std::string(count.status().message());
    CHECK_LE(*count, piece);
    text.append(buffer.data(), *count);
    if (*count == piece) continue;
    CHECK_EQ(source.Read(buffer).value(), 0u);
    break;
  }
  return text.substr(0, kTextBytesMax);
}

}  // namespace

// Any bytes are undone or refused, and the same however they are read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  CHECK_EQ(Decompress(bytes, 997), Decompress(bytes, kTextBytesMax));
  return 0;
}
