// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_TESTING_CHILD_PROCESS_H_
#define SLOTWISE_IOURING_TESTING_CHILD_PROCESS_H_

#include <functional>

namespace slotwise {

inline constexpr int kSkipped = 77;  // the exit code of a child that cannot test what it should

// The exit code of a fork that runs `body`: 0, 1 if an expectation of GoogleTest failed in it, or what it exits with;
// 128 and its number for a signal. What `body` does to its process ends with it.
int InChild(const std::function<void()>& body);

// From here on the system call `number` fails with the errno `error` in this process.
void ForbidSystemCall(long number, int error);

// Gives this process file systems of its own to mount, if need be as the root of a user namespace of its own. False if
// it may not.
bool EnterMountNamespace();

// From here on this process may lock `bytes` of memory, as an ordinary user's. False if it may not choose.
bool LimitLockableMemory(unsigned long bytes);

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_TESTING_CHILD_PROCESS_H_
