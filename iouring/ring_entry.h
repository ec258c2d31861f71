// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_RING_ENTRY_H_
#define SLOTWISE_IOURING_RING_ENTRY_H_

#include "iouring/system/registered_arena.h"
#include "iouring/transfer.h"
#include "liburing.h"

namespace slotwise {

// Fills in `sqe` to ask the ring's registered file 0 for the piece of `transfer`: a fixed transfer if the piece is one
// buffer that lies in `arena`.
void PrepareTransfer(const Transfer& transfer, const RegisteredArena& arena, io_uring_sqe* sqe);

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_RING_ENTRY_H_
