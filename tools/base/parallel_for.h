// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_PARALLEL_FOR_H_
#define SLOTWISE_TOOLS_BASE_PARALLEL_FOR_H_

#include <cstddef>
#include <functional>

namespace slotwise {

// Calls body(0) to body(count - 1), each once, in any order, on `threads`
// threads at once. After each it calls done(N) with how many have ended, one
// call at a time, N growing by one. Returns when all have. Threads that the system
// does not give are done without, with a warning; the caller's own serves if it
// gives none.
// REQUIRES: threads > 0; `body` may be called concurrently; neither throws.
void ParallelFor(size_t count, size_t threads, const std::function<void(size_t)>& body,
                 const std::function<void(size_t)>& done);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_PARALLEL_FOR_H_
