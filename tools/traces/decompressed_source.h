// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_DECOMPRESSED_SOURCE_H_
#define SLOTWISE_TOOLS_TRACES_DECOMPRESSED_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/traces/byte_source.h"

namespace slotwise {

class Codec;

// What another source holds, without its compression. The first four bytes say
// what that is, never a name: gzip, Zstandard or, with any other bytes, none.
// Takes a fixed amount of memory, however much the bytes expand.
class DecompressedSource : public ByteSource {
 public:
  // Errors call `source` `name`.
  DecompressedSource(std::unique_ptr<ByteSource> source, std::string name);
  ~DecompressedSource() override;

  // InvalidArgument "NAME: byte OFFSET: ..." when the compressed data are
  // damaged or cut short; the offset is in them. Errors of the source otherwise.
  absl::StatusOr<size_t> Read(std::span<char> out) override;

 private:
  // Decodes into the front of `out`, and cuts it off; false at the end.
  absl::StatusOr<bool> Advance(std::span<char>* out);
  // Reads the next compressed bytes into in_, and chooses the codec by the first.
  absl::Status Refill();
  absl::Status Damaged(absl::string_view what) const;

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  std::unique_ptr<Codec> codec_;  // null before the first Refill
  std::vector<char> buffer_;
  std::span<const char> in_;  // of buffer_, what was not decoded yet
  uint64_t consumed_ = 0;     // compressed bytes that were
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_DECOMPRESSED_SOURCE_H_
