// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_DISK_FORMAT_H_
#define SLOTWISE_RAWBLOCK_DISK_FORMAT_H_

// The bytes on the device, exactly as docs/format.md describes them. Readers
// and writers share these structures; nothing else knows the layout. All
// numbers are little-endian.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace slotwise::format {

static_assert(std::endian::native == std::endian::little, "the on-disk structures are little-endian");

inline constexpr uint32_t kVersion = 2;
inline constexpr char kSuperblockMagic[8] = {'S', 'L', 'O', 'T', 'W', 'I', 'S', 'E'};
inline constexpr uint32_t kJournalMagic = 0x4a535753;           // "SWSJ"
inline constexpr uint32_t kCheckpointMagic = 0x43535753;        // "SWSC"
inline constexpr uint32_t kCheckpointHeaderMagic = 0x48535753;  // "SWSH"
inline constexpr uint32_t kSessionMagic = 0x45535753;           // "SWSE"

// The head of the device: superblock copies at fixed places, whatever the
// block size is, in a region of their own.
inline constexpr uint64_t kSuperblockCopies = 2;
inline constexpr uint64_t kSuperblockBytes = 4096;
inline constexpr uint64_t kSuperblockStride = 128 << 10;
inline constexpr uint64_t kSuperblockRegion = kSuperblockCopies * kSuperblockStride;
// Behind each superblock copy stands a copy of the session block.
inline constexpr uint64_t kSessionOffset = 64 << 10;

// The LSNs of a session start at a multiple of this, which no session before it has reached.
inline constexpr uint64_t kSessionLsns = uint64_t{1} << 20;

inline constexpr uint32_t kBlockBytesMin = 4096;
inline constexpr uint32_t kBlockBytesMax = 64 << 10;
inline constexpr uint32_t kKeyBytesMax = 1024;
inline constexpr uint32_t kFullSizesMax = 16;
inline constexpr uint32_t kExtentsMax = 8;
// Of one journal group or checkpoint chunk, header and padding included.
inline constexpr uint32_t kGroupBytesMax = 256 << 10;
inline constexpr uint64_t kJournalBytesMax = uint64_t{16} << 30;

// How the engine was configured (AllocatorOptions). Zero where the engine has
// no such option.
struct AllocatorConfiguration {
  uint8_t engine;  // 0 fixed slots, 1 buddy, 2 slab, 3 extents
  uint8_t size_class_rule;
  uint8_t fallback;
  uint8_t rebind;
  uint16_t partial_share_basis_points;
  uint16_t full_reservation_basis_points;
  uint32_t slot_blocks;  // fixed: the slot; buddy: the smallest block; extents: the smallest piece but the last
  uint32_t segment_blocks;
  uint32_t partial_min_blocks;
  uint32_t partial_max_blocks;
  uint32_t full_size_count;
  uint32_t full_size_blocks[kFullSizesMax];
  uint32_t extents_max;  // extents: the most pieces of a payload
};
static_assert(sizeof(AllocatorConfiguration) == 96);

struct Superblock {
  char magic[8];
  uint32_t version;
  uint32_t block_bytes;
  uint8_t uuid[16];
  uint64_t salt;          // secret: seeds every metadata checksum of this store
  uint64_t device_bytes;  // what the store covers; the device is at least as large
  uint64_t max_entries;
  uint32_t max_key_bytes;
  uint32_t reserved_zero;
  uint64_t journal_offset;  // all offsets and lengths in bytes, multiples of block_bytes
  uint64_t journal_bytes;
  uint64_t checkpoint_offset[2];
  uint64_t checkpoint_bytes;  // of each slot
  uint64_t data_offset;
  uint64_t data_blocks;
  uint64_t created_unix_seconds;
  AllocatorConfiguration allocator;
  uint8_t padding_zero[kSuperblockBytes - 128 - sizeof(AllocatorConfiguration) - 8];
  uint64_t checksum;  // XXH3-64 of all bytes before it
};
static_assert(sizeof(Superblock) == kSuperblockBytes);
static_assert(offsetof(Superblock, allocator) == 128);
static_assert(std::is_trivially_copyable_v<Superblock>);

// The head of a journal group or a checkpoint chunk; records follow at once,
// zeros fill the last block.
struct GroupHeader {
  uint32_t magic;
  uint32_t record_bytes;  // of the records, without header and padding
  uint32_t record_count;
  uint32_t reserved_zero;
  uint64_t sequence;  // journal: LSN of the first record. checkpoint: the chunk's number from 0
  uint64_t owner;     // journal: 0. checkpoint: sequence of the checkpoint
  uint64_t session;   // that wrote it
  uint64_t previous;  // journal: checksum of the group before it, of any session; 0: none. checkpoint: 0
  uint64_t reserved_zero2;
  // XXH3-64 of the records, seeded with the XXH3-64, seeded with the salt, of
  // this header with a checksum of 0.
  uint64_t checksum;
};
static_assert(sizeof(GroupHeader) == 64);

// The first block of a checkpoint slot and its last one, written when the chunks between them are durable, one after
// the other.
struct CheckpointHeader {
  uint32_t magic;
  uint32_t reserved_zero;
  uint64_t sequence;          // 1, 2, ...; odd ones live in slot 1, even ones in slot 0
  uint64_t start_lsn;         // replay starts with this record ...
  uint64_t journal_position;  // ... in the group at this position (bytes written to the ring since format)
  uint64_t chunk_count;
  uint64_t chunk_bytes;       // of all chunks, padding included
  uint64_t record_count;      // of all chunks
  uint64_t session;           // that wrote it, and its chunks
  uint64_t journal_session;   // the group before journal_position: who wrote it; 0: none
  uint64_t journal_previous;  // ... and its checksum; 0: none
  uint8_t padding_zero[40];
  uint64_t checksum;  // XXH3-64, seeded with the salt, of all bytes before it
};
static_assert(sizeof(CheckpointHeader) == 128);

// Who has opened the store last: written, one copy after the other, before a session writes anything else.
struct SessionBlock {
  uint32_t magic;
  uint32_t reserved_zero;
  uint64_t epoch;           // counts the sessions since format: 1, 2, ...
  uint64_t session;         // random: tells it from those of other hosts
  uint64_t recovered_end;   // the LSN behind the last record that it recovered
  uint64_t first_lsn;       // of its first record, a multiple of kSessionLsns
  uint64_t first_position;  // in the journal, of its first group
  uint8_t padding_zero[72];
  uint64_t checksum;  // XXH3-64, seeded with the salt, of all bytes before it
};
static_assert(sizeof(SessionBlock) == 128);

enum class RecordType : uint8_t {
  kPut = 1,     // the key now has this payload
  kRemove = 2,  // the entry is gone whose key hashes (KeyHash) to `checksum` and whose first extent starts where
                // this one's only extent does; no key, payload_bytes 0
  kOpen = 3,    // a session begins; `checksum` is the LSN behind the last record that it recovered. No key, no extents
  kBad = 4,     // writes to these extents fail: nothing is placed there any more; no key, payload_bytes and checksum 0
};

// The head of a record; `extent_count` extents and `key_bytes` bytes of key follow.
struct RecordHeader {
  uint8_t type;
  uint8_t extent_count;
  uint16_t key_bytes;
  uint32_t payload_bytes;
  uint64_t checksum;  // put: of the payload, see PayloadChecksum. remove: of the key. open: an LSN
};
static_assert(sizeof(RecordHeader) == 16);

struct ExtentRecord {
  uint32_t start;  // in blocks from data_offset
  uint32_t count;
};
static_assert(sizeof(ExtentRecord) == 8);

inline constexpr uint64_t kRecordBytesFixedMax = sizeof(RecordHeader) + kExtentsMax * sizeof(ExtentRecord);

}  // namespace slotwise::format

#endif  // SLOTWISE_RAWBLOCK_DISK_FORMAT_H_
