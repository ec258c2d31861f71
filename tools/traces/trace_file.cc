// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/trace_file.h"

#include <utility>

#include "tools/traces/decompressed_source.h"
#include "tools/traces/file_source.h"

namespace slotwise {

absl::StatusOr<std::unique_ptr<ByteSource>> OpenTraceFile(const std::string& path) {
  absl::StatusOr<std::unique_ptr<FileSource>> file = FileSource::Open(path);
  if (!file.ok()) return file.status();
  return std::make_unique<DecompressedSource>(*std::move(file), path);
}

}  // namespace slotwise
