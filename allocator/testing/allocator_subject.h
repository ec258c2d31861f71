// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_SUBJECT_H_
#define SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_SUBJECT_H_

#include "allocator/allocator_options.h"
#include "allocator/extent.h"
#include "allocator/testing/allocator_model.h"

namespace slotwise {

// The engine of `options` over `capacity` blocks, with its promises.
// REQUIRES: Validate(options, capacity) is OK.
AllocatorSubject SubjectOf(const AllocatorOptions& options, BlockCount capacity);

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_SUBJECT_H_
