// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_TESTING_NO_THREADS_H_
#define SLOTWISE_RAWBLOCK_TESTING_NO_THREADS_H_

#include <pthread.h>

namespace slotwise {

// For as long as it lives the system starts no thread (EAGAIN): each would get a stack that fits into no address space.
class NoThreads {
 public:
  NoThreads();
  ~NoThreads();
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  pthread_attr_t usual_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_TESTING_NO_THREADS_H_
