// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_STANDARD_DESCRIPTORS_H_
#define SLOTWISE_TOOLS_BASE_STANDARD_DESCRIPTORS_H_

namespace slotwise {

// Opens /dev/null as each of the descriptors 0, 1 and 2 that a process was started without. Else the next file that it
// opens, such as a store, gets the number, and whoever says something writes into it. What a program says where there
// is no standard output is still an error: the descriptor refuses writes. Ends the process where there is no /dev/null.
//
// Call it first, before anything is opened.
void OpenStandardDescriptors();

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_STANDARD_DESCRIPTORS_H_
