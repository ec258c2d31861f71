// SPDX-License-Identifier: Apache-2.0
#include "tools/build_version.h"

#include "tools/build_commit.inc"

namespace slotwise {

std::string_view BuildCommit() { return kBuildCommit; }

}  // namespace slotwise
