// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/peer_catalog.h"

#include "tools/bench/peers/peers.h"

namespace slotwise {
namespace {

constexpr PeerEntry kPeers[] = {
    {.name = "device",
     .title = "raw Device",
     .setup = "io_uring, O_DIRECT, registered memory; a ring and a thread for each submitter",
     .open = &OpenDevicePeer},
    {.name = "slotwise",
     .title = "RawBlockStore",
     .setup = "io_uring, O_DIRECT, registered memory; one shard, extents, checksums, batched durability",
     .open = &OpenRawBlockStorePeer},
    {.name = "fixed_slots",
     .title = "fixed slots",
     .setup = "as LMCache's RawBlockCore: pread and pwrite, O_DIRECT; no flush but at the end, nothing survives",
     .open = &OpenFixedSlotPeer},
    {.name = "files",
     .title = "file per chunk",
     .setup = "O_DIRECT, in 256 folders; the inodes stay in memory",
     .open = &OpenFilePeer},
    {.name = "rocksdb",
     .title = "RocksDB, BlobDB",
     .setup = "direct I/O, no compression, a log that is not synced",
     .open = &OpenRocksdbPeer},
    {.name = "lmdb",
     .title = "LMDB",
     .setup = "MDB_NOSYNC, a transaction for each batch; always the page cache",
     .open = &OpenLmdbPeer},
};

}  // namespace

std::span<const PeerEntry> PeerCatalog() { return kPeers; }

}  // namespace slotwise
