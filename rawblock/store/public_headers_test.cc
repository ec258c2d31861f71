// SPDX-License-Identifier: Apache-2.0
// A consumer may include a logging library of its own after the public headers: no macro of ours is in its way. The
// warnings of this source are errors; see BUILD.bazel.
#include "slotwise/allocator_engine.h"
#include "slotwise/completion_queue.h"
#include "slotwise/create_store.h"
#include "slotwise/device_options.h"
#include "slotwise/eviction_policy_kind.h"
#include "slotwise/operation_stage.h"
#include "slotwise/raw_block_store.h"
#include "slotwise/slotwise.h"
#include "slotwise/statistics.h"
#include "slotwise/store_metrics.h"
#include "slotwise/store_options.h"
#include "slotwise/unique_fd.h"
#include "slotwise/waker.h"

#if defined(CHECK) || defined(CHECK_EQ) || defined(CHECK_NE) || defined(CHECK_OK) || defined(DCHECK) ||             \
    defined(DCHECK_EQ) || defined(QCHECK) || defined(PCHECK) || defined(LOG) || defined(LOG_IF) || defined(DLOG) || \
    defined(VLOG) || defined(VLOG_IS_ON)
#error "the public headers define a macro of a logging library"
#endif

// As absl/log/check.h and absl/log/log.h of a current Abseil do. Debian's (20220623) has neither.
#define CHECK(condition) ABSL_LOG_INTERNAL_CHECK_IMPL((condition), #condition)
#define DCHECK(condition) ABSL_LOG_INTERNAL_DCHECK_IMPL((condition), #condition)
#define CHECK_EQ(val1, val2) ABSL_LOG_INTERNAL_CHECK_EQ_IMPL((val1), #val1, (val2), #val2)
#define CHECK_OK(status) ABSL_LOG_INTERNAL_CHECK_OK_IMPL((status), #status)
#define LOG(severity) ABSL_LOG_INTERNAL_LOG_IMPL(_##severity)
#define VLOG(severity) ABSL_LOG_INTERNAL_VLOG_IMPL(severity)

#include "gtest/gtest.h"

namespace slotwise {
namespace {

TEST(PublicHeadersTest, OptionsHaveDefaultsWithoutTheRooms) {
  EXPECT_EQ(RawBlockStoreOptions().device.io_engine, IoEngine::kAuto);
  EXPECT_EQ(CreateStoreOptions().engine, AllocatorEngine::kExtent);
}

}  // namespace
}  // namespace slotwise
