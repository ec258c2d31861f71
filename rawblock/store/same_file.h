// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_STORE_SAME_FILE_H_
#define SLOTWISE_RAWBLOCK_STORE_SAME_FILE_H_

#include <string>

namespace slotwise {

// Whether two paths lead to the same file or device node, through whatever links; or, where there is nothing yet,
// would if it were made. An empty path leads nowhere. What cannot be looked at is taken for another file.
bool SameFile(const std::string& a, const std::string& b);

// The same of what a descriptor of this process has open; false if it is not open.
bool SameFile(const std::string& path, int fd);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_STORE_SAME_FILE_H_
