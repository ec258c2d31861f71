// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/oracle_general_trace.h"

#include <bit>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace slotwise {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr size_t kIdOffset = 4;
constexpr size_t kSizeOffset = 12;
constexpr size_t kNextAccessOffset = 16;
constexpr size_t kBufferBytes = kOracleGeneralRecordBytes * 4096;

template <typename T>
T Load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

template <typename T>
void Append(T value, std::string* bytes) {
  bytes->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

}  // namespace

OracleGeneralRecord ParseOracleGeneralRecord(std::span<const char, kOracleGeneralRecordBytes> bytes) {
  return {.time = Load<uint32_t>(bytes.data()),
          .id = Load<uint64_t>(bytes.data() + kIdOffset),
          .size = Load<uint32_t>(bytes.data() + kSizeOffset),
          .next_access = Load<int64_t>(bytes.data() + kNextAccessOffset)};
}

std::string FormatOracleGeneralRecord(const OracleGeneralRecord& record) {
  std::string bytes;
  Append(record.time, &bytes);
  Append(record.id, &bytes);
  Append(record.size, &bytes);
  Append(record.next_access, &bytes);
  return bytes;
}

absl::StatusOr<std::optional<OracleGeneralRecord>> OracleGeneralReader::Next() {
  if (unread_.empty()) {
    if (absl::Status status = Fill(); !status.ok()) return status;
    if (unread_.empty()) return std::nullopt;
  }
  ++records_;
  if (unread_.size() < kOracleGeneralRecordBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(Where(), "the trace ends within a record, after ", unread_.size(), " of its 24 bytes"));
  }
  const OracleGeneralRecord record = ParseOracleGeneralRecord(unread_.first<kOracleGeneralRecordBytes>());
  unread_ = unread_.subspan(kOracleGeneralRecordBytes);
  return record;
}

std::string OracleGeneralReader::Where() const {
  return absl::StrCat(name_, ": byte ", (records_ - 1) * kOracleGeneralRecordBytes, ": ");
}

absl::Status OracleGeneralReader::Fill() {
  buffer_.resize(kBufferBytes);
  const absl::StatusOr<size_t> count = source_->Read(buffer_);
  if (!count.ok()) return count.status();
  unread_ = std::span<const char>(buffer_).first(*count);
  return absl::OkStatus();
}

}  // namespace slotwise
