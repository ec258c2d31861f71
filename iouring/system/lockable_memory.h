// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_SYSTEM_LOCKABLE_MEMORY_H_
#define SLOTWISE_IOURING_SYSTEM_LOCKABLE_MEMORY_H_

#include <cstdint>
#include <optional>

namespace slotwise {

// The bytes that this process may pin, as an io_uring does with registered
// buffers: RLIMIT_MEMLOCK, which all rings of a user share; nullopt if nothing
// limits it (CAP_IPC_LOCK).
std::optional<uint64_t> LockableBytes();

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_SYSTEM_LOCKABLE_MEMORY_H_
