// SPDX-License-Identifier: Apache-2.0
#include "allocator/extent_options.h"

#include "absl/strings/str_cat.h"

namespace slotwise {

absl::Status Validate(const ExtentOptions& options) {
  if (options.extents_max == 0 || options.extents_max > Placement::kMaxExtents) {
    return absl::InvalidArgumentError(
        absl::StrCat("extents_max is ", options.extents_max, "; use 1 to ", Placement::kMaxExtents));
  }
  if (options.piece_min == BlockCount(0) || options.piece_min >= kMaxSpace) {
    return absl::InvalidArgumentError(absl::StrCat("piece_min is ", options.piece_min.value(),
                                                   " blocks; use at least 1 and less than ", kMaxSpace.value()));
  }
  return absl::OkStatus();
}

}  // namespace slotwise
