// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_MAKE_STORE_IDENTITY_H_
#define SLOTWISE_RAWBLOCK_MAKE_STORE_IDENTITY_H_

#include "rawblock/make/format_store.h"

namespace slotwise {

// Makes of `options` those of a store like no other: a random UUID (RFC 4122,
// version 4) and salt from the system's random source, and the time of now.
void Identify(FormatOptions* options);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_MAKE_STORE_IDENTITY_H_
