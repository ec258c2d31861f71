// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_TESTING_SCRIPTED_RUN_H_
#define SLOTWISE_IOURING_TESTING_SCRIPTED_RUN_H_

#include <cstdint>
#include <span>

namespace slotwise {

// Sends requests through a UringDevice over a ScriptedRing and closes the device. Aborts unless each request was done
// once, from within Poll or Close, with all its bytes in place or, only if the kernel did fail it, with an error; and
// if anything happens after Close. The input:
//
//   byte 0      queue depth, entries of the submission queue
//   byte 1      the most that an entry may ask for, whether memory is registered,
//               whether the ring is of the IOPOLL kind
//   byte 2      how many requests
//   per request one byte for operation and size, one for how its memory is cut
//   then        the script of the ring, of how many requests come at a time and of which are given up
void RunScripted(std::span<const uint8_t> input);

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_TESTING_SCRIPTED_RUN_H_
