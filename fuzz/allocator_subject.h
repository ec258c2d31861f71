// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_FUZZ_ALLOCATOR_SUBJECT_H_
#define SLOTWISE_FUZZ_ALLOCATOR_SUBJECT_H_

#include "allocator/allocator_options.h"
#include "allocator/extent.h"
#include "fuzz/allocator_model.h"

namespace slotwise {

// The engine of `options` over `capacity` blocks, with its promises.
// REQUIRES: Validate(options, capacity) is OK.
AllocatorSubject SubjectOf(const AllocatorOptions& options, BlockCount capacity);

}  // namespace slotwise

#endif  // SLOTWISE_FUZZ_ALLOCATOR_SUBJECT_H_
