// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_RING_ENTRY_H_
#define SLOTWISE_IOURING_RING_ENTRY_H_

#include <cstdint>

#include "iouring/registered_arena.h"
#include "iouring/transfer.h"
#include "liburing.h"

namespace slotwise {

// What an entry names: the ring's registered file, or a descriptor.
struct EntryFile {
  int number = 0;
  bool registered = true;
};

// Fills in `sqe` to ask for the piece of `transfer`: a fixed transfer if the
// piece is one buffer that lies in `arena`. Discards become holes of a file; for
// a block device see below.
void PrepareTransfer(const Transfer& transfer, EntryFile file, const RegisteredArena& arena, io_uring_sqe* sqe);

// The discard of a block device: BLOCK_URING_CMD_DISCARD of Linux 6.12 and
// newer. Older ones answer EOPNOTSUPP.
void PrepareDiscardCommand(uint64_t offset, uint64_t length, EntryFile file, io_uring_sqe* sqe);

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_RING_ENTRY_H_
