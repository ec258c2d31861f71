// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/checkpoint_reader.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>

#include "absl/strings/str_cat.h"
#include "iouring/aligned_buffer.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/group.h"
#include "rawblock/disk/metadata_io.h"
#include "rawblock/disk/metadata_stream.h"
#include "rawblock/log/checkpoint.h"

namespace slotwise {
namespace {

using format::CheckpointHeader;

// Beyond what any store counts to, far below where sums would overflow.
constexpr uint64_t kCounterMax = uint64_t{1} << 62;

// The smallest record of an entry.
constexpr uint64_t kPutBytesMin = sizeof(format::RecordHeader) + sizeof(format::ExtentRecord) + 1;

std::optional<CheckpointHeader> DecodeCheckpointHeader(const StoreHeader& header, size_t slot,
                                                       std::span<const std::byte> bytes) {
  CheckpointHeader in;
  std::memcpy(&in, bytes.data(), sizeof(in));
  const uint64_t checksum = MetadataChecksum(header.salt, bytes.first(offsetof(CheckpointHeader, checksum)));
  if (in.magic != format::kCheckpointHeaderMagic || in.checksum != checksum) return std::nullopt;
  if (in.start_lsn == 0 || CheckpointSlot(in.sequence) != slot) return std::nullopt;
  if (std::max({in.sequence, in.start_lsn, in.journal_position}) > kCounterMax) return std::nullopt;
  const uint32_t block_bytes = header.layout.block_bytes;
  if (in.chunk_bytes % block_bytes != 0 || in.journal_position % block_bytes != 0) return std::nullopt;
  if (in.chunk_bytes > header.layout.checkpoint_bytes - 2 * uint64_t{block_bytes}) return std::nullopt;
  return in;
}

}  // namespace

absl::StatusOr<std::vector<CheckpointHeader>> ReadCheckpointHeaders(Device* device, const StoreHeader& header) {
  std::vector<CheckpointHeader> headers;
  const Layout& layout = header.layout;
  AlignedBuffer block(layout.block_bytes, layout.block_bytes);
  for (uint64_t copy = 0; copy < 2 * kCheckpointHeaderCopies; ++copy) {
    const size_t slot = copy / kCheckpointHeaderCopies;
    const uint64_t place = CheckpointHeaderOffset(layout, copy % kCheckpointHeaderCopies);
    const absl::Status status = ReadBytes(device, layout.checkpoint_offset[slot] + place, block.span());
    if (absl::IsDataLoss(status)) continue;
    if (!status.ok()) return status;
    const std::optional<CheckpointHeader> found = DecodeCheckpointHeader(header, slot, block.span());
    const auto same = [&](const CheckpointHeader& other) { return other.checksum == found->checksum; };
    if (found.has_value() && std::ranges::none_of(headers, same)) headers.push_back(*found);
  }
  std::ranges::stable_sort(headers, std::greater(), &CheckpointHeader::sequence);
  return headers;
}

CheckpointReader::CheckpointReader(Device* device, const StoreHeader& header, const CheckpointHeader& checkpoint,
                                   Index* index)
    : device_(device), header_(header), checkpoint_(checkpoint), index_(index), replayer_(header, index) {}

absl::Status CheckpointReader::ReadAll() {
  const Layout& layout = header_.layout;
  index_->Reserve(std::min(header_.max_entries, checkpoint_.chunk_bytes / kPutBytesMin));
  MetadataStream stream(device_, layout.checkpoint_offset[CheckpointSlot(checkpoint_.sequence)] + layout.block_bytes,
                        checkpoint_.chunk_bytes);
  for (uint64_t at = 0; at < checkpoint_.chunk_bytes;) {
    const absl::StatusOr<std::span<const std::byte>> bytes = stream.Peek();
    if (!bytes.ok()) return bytes.status();
    const uint64_t step = Take(*bytes);
    stream.Skip(step);
    at += step;
  }
  return absl::OkStatus();
}

uint64_t CheckpointReader::Take(std::span<const std::byte> bytes) {
  const uint32_t block_bytes = header_.layout.block_bytes;
  const std::optional<Group> group = DecodeGroup(format::kCheckpointMagic, header_.salt, bytes);
  // Owner and session tell this checkpoint's chunks from those that an earlier one left here.
  if (!group.has_value() || group->owner != checkpoint_.sequence || group->session != checkpoint_.session ||
      group->sequence < next_chunk_) {
    return block_bytes;
  }
  next_chunk_ = group->sequence + 1;
  if (replayer_.ApplyGroup(*group)) {
    ++chunks_;
    records_ += group->record_count;
  }
  return std::min<uint64_t>(GroupBytes(group->records.size(), block_bytes), bytes.size());
}

std::string CheckpointReader::Damage() const {
  const uint64_t lost = checkpoint_.chunk_count - std::min(chunks_, checkpoint_.chunk_count);
  if (lost == 0 && records_ == checkpoint_.record_count) return "";
  return absl::StrCat("checkpoint ", checkpoint_.sequence, ": ", lost, " of ", checkpoint_.chunk_count,
                      " chunks are damaged, with ",
                      checkpoint_.record_count - std::min(records_, checkpoint_.record_count), " of ",
                      checkpoint_.record_count, " entries");
}

}  // namespace slotwise
