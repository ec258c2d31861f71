// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/peer_catalog.h"

#include "tools/bench/peers/device_peer.h"
#include "tools/bench/peers/file_peer.h"
#include "tools/bench/peers/fixed_slot_peer.h"
#include "tools/bench/peers/lmdb_peer.h"
#include "tools/bench/peers/raw_block_store_peer.h"
#include "tools/bench/peers/rocksdb_peer.h"

namespace slotwise {
namespace {

constexpr PeerEntry kPeers[] = {
    {.name = "device",
     .title = "raw Device",
     .setup = "io_uring, O_DIRECT, registered memory; a ring and a thread for each submitter",
     .open = &DevicePeer::Open},
    {.name = "slotwise",
     .title = "RawBlockStore",
     .setup = "io_uring, O_DIRECT, registered memory; one shard, extents, checksums, batched durability",
     .open = &RawBlockStorePeer::Open},
    {.name = "fixed_slots",
     .title = "fixed slots",
     .setup = "as LMCache's RawBlockCore: pread and pwrite, O_DIRECT; no flush but at the end, nothing survives",
     .open = &FixedSlotPeer::Open},
    {.name = "files",
     .title = "file per chunk",
     .setup = "O_DIRECT, in 256 folders; the inodes stay in memory",
     .open = &FilePeer::Open},
    {.name = "rocksdb",
     .title = "RocksDB, BlobDB",
     .setup = "direct I/O, no compression, a log that is not synced",
     .open = &RocksdbPeer::Open},
    {.name = "lmdb",
     .title = "LMDB",
     .setup = "MDB_NOSYNC, a transaction for each batch; always the page cache",
     .open = &LmdbPeer::Open},
};

}  // namespace

std::span<const PeerEntry> PeerCatalog() { return kPeers; }

}  // namespace slotwise
