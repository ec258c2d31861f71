// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/trace_file.h"

#include <span>
#include <utility>

#include "tools/base/input_file.h"
#include "tools/traces/decompressed_source.h"

namespace slotwise {
namespace {

class FileSource final : public ByteSource {
 public:
  explicit FileSource(InputFile file) : file_(std::move(file)) {}

  absl::StatusOr<size_t> Read(std::span<char> out) override { return file_.Read(out); }

 private:
  InputFile file_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> OpenTraceFile(const std::string& path) {
  absl::StatusOr<InputFile> file = InputFile::Open(path);
  if (!file.ok()) return file.status();
  return std::make_unique<DecompressedSource>(std::make_unique<FileSource>(*std::move(file)), path);
}

}  // namespace slotwise
