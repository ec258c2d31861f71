// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TESTS_GOLDEN_GOLDEN_STORE_H_
#define SLOTWISE_TESTS_GOLDEN_GOLDEN_STORE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "allocator/allocator_options.h"
#include "rawblock/testing/memory_device.h"

namespace slotwise {

// What the golden images hold: stores made by the first version of the format,
// kept in tests/golden, which every later version must open. One per engine of
// kGoldenEngines. Once an image is in the repository, nothing here may change.
inline constexpr uint64_t kGoldenBytes = 4 << 20;
inline constexpr uint64_t kGoldenSalt = 0x5107'3153;
inline constexpr uint64_t kGoldenCreated = 1'700'000'000;  // Unix seconds
inline constexpr uint64_t kGoldenEntriesMax = 100;
inline constexpr AllocatorOptions::Engine kGoldenEngines[] = {AllocatorOptions::Engine::kSlab,
                                                              AllocatorOptions::Engine::kExtent};

// All keys and their payloads. Some are in the checkpoint and some in the
// journal, some were replaced; keys of 1 to 192 bytes, payloads of 1 byte to 48
// KiB; removed keys are not here.
std::map<std::string, std::vector<std::byte>> GoldenEntries();
// Keys that were there and are gone.
std::vector<std::string> GoldenRemovedKeys();

// Writes such a store to `device`, of kGoldenBytes zeros, as a process leaves it
// that is killed. The bytes depend on nothing but this program.
void MakeGoldenStore(AllocatorOptions::Engine engine, MemoryDevice* device);

}  // namespace slotwise

#endif  // SLOTWISE_TESTS_GOLDEN_GOLDEN_STORE_H_
