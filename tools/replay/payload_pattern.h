// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_REPLAY_PAYLOAD_PATTERN_H_
#define SLOTWISE_TOOLS_REPLAY_PAYLOAD_PATTERN_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace slotwise {

// A payload whose every 8-byte word is derived from its key and its position,
// so the key is enough to verify every byte that comes back: another key's
// payload, a shifted one, a stale or a torn one all show. One multiplication a
// word: faster than any device.
//
// `bytes` may have any length and alignment.
void FillPattern(std::span<std::byte> bytes, uint64_t key_hash);

// How many of `bytes` differ from what FillPattern writes.
uint64_t CountWrongBytes(std::span<const std::byte> bytes, uint64_t key_hash);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_REPLAY_PAYLOAD_PATTERN_H_
