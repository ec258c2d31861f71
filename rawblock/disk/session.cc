// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/session.h"

#include <algorithm>
#include <cstring>

#include "iouring/aligned_buffer.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/metadata_io.h"

namespace slotwise {
namespace {

using format::kGroupBytesMax;
using format::SessionBlock;

// Beyond what any store counts to, far below where sums would overflow.
constexpr uint64_t kCounterMax = uint64_t{1} << 62;

uint64_t Checksum(const StoreHeader& header, const SessionBlock& block) {
  return MetadataChecksum(header.salt, std::as_bytes(std::span(&block, 1)).first(offsetof(SessionBlock, checksum)));
}

uint64_t Behind(uint64_t position, uint64_t journal_bytes) {
  const uint64_t left_in_lap = journal_bytes - position % journal_bytes;
  // A group that did not fit the rest of the lap would have gone to the start of the next one.
  return left_in_lap >= 2 * uint64_t{kGroupBytesMax} ? position + kGroupBytesMax
                                                     : position + left_in_lap + kGroupBytesMax;
}

}  // namespace

uint64_t NextSessionPosition(uint64_t end, const Session& last, uint64_t journal_bytes) {
  return Behind(std::max(end, last.first_position), journal_bytes);
}

Lsn NextSessionLsn(Lsn end, const Session& last) {
  const uint64_t used = std::max(end, last.first_lsn).value();
  return Lsn((used / format::kSessionLsns + 1) * format::kSessionLsns);
}

std::optional<Session> DecodeSession(const StoreHeader& header, std::span<const std::byte> bytes) {
  SessionBlock in;
  std::memcpy(&in, bytes.data(), sizeof(in));
  if (in.magic != format::kSessionMagic || in.checksum != Checksum(header, in)) return std::nullopt;
  if (in.epoch == 0 || std::max({in.epoch, in.recovered_end, in.first_lsn, in.first_position}) > kCounterMax)
    return std::nullopt;
  if (in.first_position % header.layout.block_bytes != 0) return std::nullopt;
  return Session{.epoch = in.epoch,
                 .number = in.session,
                 .recovered_end = Lsn(in.recovered_end),
                 .first_lsn = Lsn(in.first_lsn),
                 .first_position = in.first_position};
}

void EncodeSession(const StoreHeader& header, const Session& session, std::span<std::byte> out) {
  SessionBlock block{};
  block.magic = format::kSessionMagic;
  block.epoch = session.epoch;
  block.session = session.number;
  block.recovered_end = session.recovered_end.value();
  block.first_lsn = session.first_lsn.value();
  block.first_position = session.first_position;
  block.checksum = Checksum(header, block);
  std::ranges::fill(out, std::byte{0});
  std::memcpy(out.data(), &block, sizeof(block));
}

uint64_t SessionOffset(uint64_t copy) { return copy * format::kSuperblockStride + format::kSessionOffset; }

absl::StatusOr<Session> ReadLastSession(Device* device, const StoreHeader& header) {
  const uint32_t block_bytes = header.layout.block_bytes;
  AlignedBuffer block(block_bytes, block_bytes);
  Session last;
  for (uint64_t copy = 0; copy < format::kSuperblockCopies; ++copy) {
    const absl::Status read = ReadBytes(device, SessionOffset(copy), block.span());
    if (absl::IsDataLoss(read)) continue;
    if (!read.ok()) return read;
    const std::optional<Session> found = DecodeSession(header, block.span());
    if (!found.has_value() || found->epoch < last.epoch) continue;
    const bool contested = found->epoch == last.epoch && found->number != last.number;
    last = *found;
    if (contested) last.number = 0;
  }
  return last;
}

absl::Status WriteSession(Device* device, const StoreHeader& header, const Session& session) {
  const uint32_t block_bytes = header.layout.block_bytes;
  AlignedBuffer block(block_bytes, block_bytes);
  EncodeSession(header, session, block.span());
  for (uint64_t copy = 0; copy < format::kSuperblockCopies; ++copy) {
    if (absl::Status status = WriteBytes(device, SessionOffset(copy), block.span()); !status.ok()) return status;
    if (absl::Status status = FlushDevice(device); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace slotwise
