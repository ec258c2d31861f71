// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/record.h"

#include <cstring>

#include "glog/logging.h"

namespace slotwise {
namespace {

using format::ExtentRecord;
using format::RecordHeader;
using format::RecordType;

template <typename T>
void AppendBytes(const T& value, std::vector<std::byte>* out) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&value);
  out->insert(out->end(), bytes, bytes + sizeof(T));
}

size_t RecordBytes(const RecordHeader& header) {
  return sizeof(RecordHeader) + header.extent_count * sizeof(ExtentRecord) + header.key_bytes;
}

bool Plausible(const RecordHeader& header) {
  switch (static_cast<RecordType>(header.type)) {
    case RecordType::kPut:
      return header.key_bytes > 0 && header.key_bytes <= format::kKeyBytesMax && header.extent_count > 0 &&
             header.extent_count <= format::kExtentsMax && header.payload_bytes > 0;
    case RecordType::kRemove:
      return header.key_bytes == 0 && header.extent_count == 1 && header.payload_bytes == 0;
    case RecordType::kOpen:
      return header.key_bytes == 0 && header.extent_count == 0 && header.payload_bytes == 0;
    case RecordType::kBad:
      return header.key_bytes == 0 && header.extent_count > 0 && header.extent_count <= format::kExtentsMax &&
             header.payload_bytes == 0 && header.checksum == 0;
  }
  return false;
}

bool Fits(const ExtentRecord& extent) {
  return extent.count > 0 && uint64_t{extent.start} + extent.count <= kMaxSpace.value();
}

}  // namespace

Record RemovalRecord(uint64_t key_hash, const Placement& placement) {
  return {.type = RecordType::kRemove,
          .key = {},
          .placement = Placement(placement.front()),
          .payload_bytes = 0,
          .checksum = key_hash};
}

Record OpenRecord(Lsn recovered_end) {
  return {.type = RecordType::kOpen, .key = {}, .placement = {}, .payload_bytes = 0, .checksum = recovered_end.value()};
}

Record BadRecord(const Placement& placement) {
  return {.type = RecordType::kBad, .key = {}, .placement = placement, .payload_bytes = 0, .checksum = 0};
}

size_t RecordBytes(const Record& record) {
  return sizeof(RecordHeader) + record.placement.size() * sizeof(ExtentRecord) + record.key.size();
}

void AppendRecord(const Record& record, std::vector<std::byte>* out) {
  CHECK_LE(record.key.size(), format::kKeyBytesMax);
  AppendBytes(RecordHeader{.type = static_cast<uint8_t>(record.type),
                           .extent_count = static_cast<uint8_t>(record.placement.size()),
                           .key_bytes = static_cast<uint16_t>(record.key.size()),
                           .payload_bytes = record.payload_bytes,
                           .checksum = record.checksum},
              out);
  for (const Extent& extent : record.placement) {
    AppendBytes(ExtentRecord{.start = static_cast<uint32_t>(extent.start().value()),
                             .count = static_cast<uint32_t>(extent.count().value())},
                out);
  }
  const auto* key = reinterpret_cast<const std::byte*>(record.key.data());
  out->insert(out->end(), key, key + record.key.size());
}

std::optional<Record> TakeRecord(std::span<const std::byte>* bytes) {
  RecordHeader header;
  if (bytes->size() < sizeof(header)) return std::nullopt;
  std::memcpy(&header, bytes->data(), sizeof(header));
  if (!Plausible(header) || bytes->size() < RecordBytes(header)) return std::nullopt;

  Record record{.type = static_cast<RecordType>(header.type),
                .key = {},
                .placement = {},
                .payload_bytes = header.payload_bytes,
                .checksum = header.checksum};
  const std::byte* next = bytes->data() + sizeof(header);
  for (int i = 0; i < header.extent_count; ++i, next += sizeof(ExtentRecord)) {
    ExtentRecord extent;
    std::memcpy(&extent, next, sizeof(extent));
    if (!Fits(extent)) return std::nullopt;
    record.placement.Append(Extent(BlockIndex(extent.start), BlockCount(extent.count)));
  }
  record.key = {reinterpret_cast<const char*>(next), header.key_bytes};
  *bytes = bytes->subspan(RecordBytes(header));
  return record;
}

}  // namespace slotwise
