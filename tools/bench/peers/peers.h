// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_PEERS_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_PEERS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "tools/bench/peers/peer.h"

namespace slotwise {

// The limit: Slotwise's own Device, and nothing above it but a map that says where
// each key's payload lies. All payloads of a batch are in flight at once, from and
// to registered memory. Each submitter has a device of its own, with a thread that
// does nothing else, as a Device belongs to one thread. Never the page cache.
absl::StatusOr<std::unique_ptr<Peer>> OpenDevicePeer(const PeerOptions& options);

// Slotwise: one shard on the first device, extents, batched durability, the
// submitters' memory registered. Never the page cache.
absl::StatusOr<std::unique_ptr<Peer>> OpenRawBlockStorePeer(const PeerOptions& options);

// What LMCache's RawBlockCore amounts to: slots of one size on the first device,
// a map in memory under a lock from keys to slots, and one pwrite or pread with
// O_DIRECT for each key, by the workers.
//
// In its favour: no Python, no checkpoints of the index, no journal, no checksums,
// and slots of exactly the payload's size. So nothing survives Close.
absl::StatusOr<std::unique_ptr<Peer>> OpenFixedSlotPeer(const PeerOptions& options);

// One file per chunk, named by its key, in 256 folders: what LMCache's connectors
// for file systems do. Written and read whole with O_DIRECT by the workers; no
// index of its own.
//
// In its favour: a file is written in place, not under another name first, so a
// crash can leave a part of one; and Flush syncs the folders only: what is written
// with O_DIRECT is on the device, and ext4 commits the inodes with the folders.
// The kernel keeps the inodes in memory while the contents are dropped.
absl::StatusOr<std::unique_ptr<Peer>> OpenFilePeer(const PeerOptions& options);

// RocksDB with BlobDB: values in blob files, keys in the tree. Direct I/O for gets,
// flushes and compactions; nothing compressed; no blob cache; checksums verified. The
// log is written and not synced, so what a crash takes is the last puts, as with a
// batched put of Slotwise. Debian's build has no io_uring, where a MultiGet reads
// one blob after the other; so the workers put and get one key each.
//
// In its favour: nothing is ever overwritten or removed, so there are no blobs to
// collect; and a log that a flush has made obsolete may be deleted before the kernel
// has written it.
absl::StatusOr<std::unique_ptr<Peer>> OpenRocksdbPeer(const PeerOptions& options);

// LMDB. Each batch is one transaction of the submitter, as LMDB has one writer at a
// time; the workers copy from the map, one read transaction a key. LMDB has no
// direct I/O: it writes and reads through the page cache, whatever ReadPath says.
//
// MDB_NOSYNC: a commit does not wait for the device, as a batched put of Slotwise
// does not. In its favour: a crash of the machine may then damage the whole
// database, where Slotwise and RocksDB lose the last puts only. With a sync for each
// transaction LMDB would keep more than the others promise.
absl::StatusOr<std::unique_ptr<Peer>> OpenLmdbPeer(const PeerOptions& options);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_PEERS_H_
