// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_SYSTEM_PROCESS_IDENTITY_H_
#define SLOTWISE_IOURING_SYSTEM_PROCESS_IDENTITY_H_

#include <unistd.h>

namespace slotwise {

// Remembers the process that made it, so that a fork of that process can tell that what it has inherited is not its
// own. Asking is a system call, of some 50 ns: as often as a device enters the kernel anyway, not once per request.
class ProcessIdentity {
 public:
  bool IsCurrent() const { return ::getpid() == process_; }

 private:
  pid_t process_ = ::getpid();
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_SYSTEM_PROCESS_IDENTITY_H_
