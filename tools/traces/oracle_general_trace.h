// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_ORACLE_GENERAL_TRACE_H_
#define SLOTWISE_TOOLS_TRACES_ORACLE_GENERAL_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/traces/byte_source.h"

namespace slotwise {

// Traces in libCacheSim's form "oracleGeneral": records of 24 bytes and nothing
// else, little-endian and packed, `<IQIq>` in the words of Python's struct.
struct OracleGeneralRecord {
  uint32_t time = 0;         // seconds
  uint64_t id = 0;           // of the object
  uint32_t size = 0;         // of the object, bytes
  int64_t next_access = -1;  // which request asks for it next; the simulator finds that out for itself

  friend bool operator==(const OracleGeneralRecord&, const OracleGeneralRecord&) = default;
};

inline constexpr size_t kOracleGeneralRecordBytes = 24;

OracleGeneralRecord ParseOracleGeneralRecord(std::span<const char, kOracleGeneralRecordBytes> bytes);

// The bytes of `record`.
std::string FormatOracleGeneralRecord(const OracleGeneralRecord& record);

// Reads a trace record by record; holds a fixed number of them.
class OracleGeneralReader {
 public:
  // Reads from `source`, which is borrowed; errors call it `name`.
  OracleGeneralReader(ByteSource* source, std::string name) : source_(source), name_(std::move(name)) {}

  // The next record, or nullopt at the end. InvalidArgument "NAME: byte
  // OFFSET: ..." if the trace ends within one, with the offset where it begins,
  // in the decompressed trace; errors of the source.
  absl::StatusOr<std::optional<OracleGeneralRecord>> Next();

  // "NAME: byte OFFSET: " of the record that Next gave last.
  std::string Where() const;

 private:
  absl::Status Fill();

  ByteSource* source_;
  std::string name_;
  std::vector<char> buffer_;
  std::span<const char> unread_;  // of buffer_
  uint64_t records_ = 0;          // given, or begun
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_ORACLE_GENERAL_TRACE_H_
