// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_TRACE_FILE_H_
#define SLOTWISE_TOOLS_TRACES_TRACE_FILE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tools/traces/byte_source.h"

namespace slotwise {

// The trace in the file at `path`, without its compression: see
// DecompressedSource. Errors as InputFile.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenTraceFile(const std::string& path);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_TRACE_FILE_H_
