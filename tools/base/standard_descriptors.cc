// SPDX-License-Identifier: Apache-2.0
#include "tools/base/standard_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <initializer_list>

namespace slotwise {

void OpenStandardDescriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest number that is free: this one. Programs that it starts want it, too.
    const int opened = ::open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY);  // NOLINT(android-cloexec-open)
    if (opened != fd) std::_Exit(EXIT_FAILURE);
  }
}

}  // namespace slotwise
