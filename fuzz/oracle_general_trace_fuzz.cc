// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "glog/logging.h"
#include "tools/traces/oracle_general_trace.h"
#include "tools/traces/string_source.h"

// Any bytes are records, and writing them gives the same bytes, or are refused
// where they end within one.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  slotwise::StringSource source(bytes);
  slotwise::OracleGeneralReader reader(&source, "fuzz");
  std::string written;
  for (;;) {
    const absl::StatusOr<std::optional<slotwise::OracleGeneralRecord>> next = reader.Next();
    if (!next.ok() || !*next) {
      CHECK_EQ(next.ok(), size % slotwise::kOracleGeneralRecordBytes == 0);
      CHECK_EQ(written.size(), size / slotwise::kOracleGeneralRecordBytes * slotwise::kOracleGeneralRecordBytes);
      CHECK(bytes.starts_with(written));
      return 0;
    }
    written += slotwise::FormatOracleGeneralRecord(**next);
  }
}
