// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_PAYLOAD_KIND_H_
#define SLOTWISE_ALLOCATOR_PAYLOAD_KIND_H_

#include <cstddef>
#include <cstdint>

namespace slotwise {

// Full: a payload of a registered full-chunk size. Partial: any other.
enum class PayloadKind : uint8_t { kFull = 0, kPartial = 1 };

inline constexpr size_t kPayloadKinds = 2;

// The place of `kind` in an array of one element per kind.
constexpr size_t KindIndex(PayloadKind kind) { return static_cast<size_t>(kind); }

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_PAYLOAD_KIND_H_
