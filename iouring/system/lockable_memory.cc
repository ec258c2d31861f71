// SPDX-License-Identifier: Apache-2.0
#include "iouring/system/lockable_memory.h"

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "glog/logging.h"

namespace slotwise {
namespace {

bool MayLockAll() {
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct capabilities[2] = {};
  PCHECK(::syscall(SYS_capget, &header, capabilities) == 0);
  return (capabilities[0].effective & (1u << CAP_IPC_LOCK)) != 0;
}

}  // namespace

std::optional<uint64_t> LockableBytes() {
  rlimit limit;
  PCHECK(::getrlimit(RLIMIT_MEMLOCK, &limit) == 0);
  if (limit.rlim_cur == RLIM_INFINITY || MayLockAll()) return std::nullopt;
  return limit.rlim_cur;
}

}  // namespace slotwise
