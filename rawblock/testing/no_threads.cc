// SPDX-License-Identifier: Apache-2.0
#include "rawblock/testing/no_threads.h"

#include <cstddef>

#include "glog/logging.h"

namespace slotwise {
namespace {

constexpr size_t kStackBytes = size_t{1} << 60;

}  // namespace

NoThreads::NoThreads() {
  CHECK_EQ(::pthread_getattr_default_np(&usual_), 0);
  pthread_attr_t vast = {};
  CHECK_EQ(::pthread_attr_init(&vast), 0);
  CHECK_EQ(::pthread_attr_setstacksize(&vast, kStackBytes), 0);
  CHECK_EQ(::pthread_setattr_default_np(&vast), 0);
  CHECK_EQ(::pthread_attr_destroy(&vast), 0);
}

NoThreads::~NoThreads() {
  CHECK_EQ(::pthread_setattr_default_np(&usual_), 0);
  CHECK_EQ(::pthread_attr_destroy(&usual_), 0);
}

}  // namespace slotwise
