// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_STORES_STORE_DESCRIPTION_H_
#define SLOTWISE_TOOLS_STORES_STORE_DESCRIPTION_H_

#include <string>

#include "rawblock/disk/store_header.h"
#include "slotwise/statistics.h"

namespace slotwise {

// What a store is, for people: identity, regions, limits and engine. One fact a line.
std::string DescribeStore(const std::string& path, const StoreHeader& header);

// How this machine reads and writes the store's device, for people. One fact a
// line. Both are sentences without an end.
std::string DescribeIo(const std::string& engine, const std::string& buffers);

// What a store holds, for people. One fact a line.
std::string DescribeOccupancy(const Occupancy& occupancy);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_STORES_STORE_DESCRIPTION_H_
