// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/oracle_general_trace.h"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "tools/traces/string_source.h"

namespace slotwise {
namespace {

absl::StatusOr<std::vector<OracleGeneralRecord>> Read(const std::string& bytes) {
  StringSource source(bytes);
  OracleGeneralReader reader(&source, "t");
  std::vector<OracleGeneralRecord> records;
  for (;;) {
    const absl::StatusOr<std::optional<OracleGeneralRecord>> record = reader.Next();
    if (!record.ok()) return record.status();
    if (!*record) return records;
    records.push_back(**record);
  }
}

// python3: struct.pack('<IQIq', 1, 2, 3, -1)
TEST(OracleGeneralTraceTest, TheBytesAreThoseOfPython) {
  const std::string bytes("\1\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 24);
  EXPECT_EQ(Read(bytes).value(), std::vector<OracleGeneralRecord>({{1, 2, 3, -1}}));
  EXPECT_EQ(FormatOracleGeneralRecord({1, 2, 3, -1}), bytes);
}

RC_GTEST_PROP(OracleGeneralTraceTest, ReadsBackWhatItWrites,
              (const std::vector<std::tuple<uint32_t, uint64_t, uint32_t, int64_t>>& values)) {
  std::vector<OracleGeneralRecord> records;
  std::string bytes;
  for (const auto& [time, id, size, next_access] : values) {
    records.push_back({time, id, size, next_access});
    bytes += FormatOracleGeneralRecord(records.back());
  }
  RC_ASSERT(Read(bytes).value() == records);
}

TEST(OracleGeneralTraceTest, ReadsMoreThanItsBuffer) {
  std::string bytes;
  for (uint32_t i = 0; i < 10'000; ++i) bytes += FormatOracleGeneralRecord({i, i, i, i});
  const std::vector<OracleGeneralRecord> records = Read(bytes).value();
  ASSERT_EQ(records.size(), 10'000u);
  for (uint32_t i = 0; i < 10'000; ++i) ASSERT_EQ(records[i], (OracleGeneralRecord{i, i, i, i}));
}

TEST(OracleGeneralTraceTest, AnEndWithinARecordIsAnErrorWithItsOffset) {
  for (const size_t whole : {size_t{0}, size_t{2}, size_t{4096}}) {
    std::string bytes(whole * kOracleGeneralRecordBytes, '\0');
    for (size_t more = 1; more < kOracleGeneralRecordBytes; ++more) {
      bytes.push_back('\0');
      EXPECT_EQ(Read(bytes).status(),
                absl::InvalidArgumentError("t: byte " + std::to_string(whole * kOracleGeneralRecordBytes) +
                                           ": the trace ends within a record, after " + std::to_string(more) +
                                           " of its 24 bytes"));
    }
  }
}

}  // namespace
}  // namespace slotwise
