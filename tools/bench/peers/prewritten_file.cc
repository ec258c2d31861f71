// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/prewritten_file.h"

#include <fcntl.h>

#include "absl/status/statusor.h"
#include "glog/logging.h"
#include "iouring/aligned_buffer.h"
#include "iouring/create_file.h"
#include "slotwise/unique_fd.h"
#include "tools/bench/peers/file_io.h"
#include "tools/replay/payload_pattern.h"

namespace slotwise {
namespace {

constexpr uint64_t kWriteBytes = 1 << 20;
constexpr size_t kAlignment = 4096;

}  // namespace

absl::Status WritePrewrittenFile(const std::string& path, uint64_t bytes) {
  CHECK_EQ(bytes % kWriteBytes, 0u);
  if (const auto created = CreateFile(path, bytes); !created.ok()) return created.status();
  const absl::StatusOr<UniqueFd> file = OpenFile(path, O_WRONLY | O_DIRECT);
  if (!file.ok()) return file.status();
  AlignedBuffer buffer(kWriteBytes, kAlignment);
  FillPattern(buffer.span(), 2);
  for (uint64_t offset = 0; offset < bytes; offset += kWriteBytes) {
    if (absl::Status written = WriteFully(*file, buffer.span(), offset); !written.ok()) return written;
  }
  return SyncFile(*file);
}

}  // namespace slotwise
