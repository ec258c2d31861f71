// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_BUILD_VERSION_H_
#define SLOTWISE_TOOLS_BASE_BUILD_VERSION_H_

#include <string_view>

namespace slotwise {

// The commit that the program was built from: 40 hexadecimal digits, with
// "-dirty" behind them if the checkout had changes, or "unknown" where Bazel
// could not tell: outside a git checkout, or as another workspace's dependency.
//
// The source is made by Bazel: see the target. What depends on this is linked
// anew at every commit, so only a program's outermost parts should.
std::string_view BuildCommit();

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_BUILD_VERSION_H_
