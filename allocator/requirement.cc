// SPDX-License-Identifier: Apache-2.0
#include "allocator/requirement.h"

#include "glog/logging.h"

namespace slotwise {

void RequirementBroken(const char* broken) { LOG(FATAL) << broken; }

}  // namespace slotwise
