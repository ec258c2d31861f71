// SPDX-License-Identifier: Apache-2.0
#include "rawblock/make/store_identity.h"

#include <cstdint>
#include <random>

#include "absl/time/clock.h"

namespace slotwise {

void Identify(FormatOptions* options) {
  std::random_device source;
  for (uint8_t& byte : options->uuid) byte = static_cast<uint8_t>(source());
  options->uuid[6] = static_cast<uint8_t>((options->uuid[6] & 0x0f) | 0x40);
  options->uuid[8] = static_cast<uint8_t>((options->uuid[8] & 0x3f) | 0x80);
  options->salt = uint64_t{source()} << 32 | source();
  options->created = absl::Now();
}

}  // namespace slotwise
