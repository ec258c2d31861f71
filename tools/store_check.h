// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_STORE_CHECK_H_
#define SLOTWISE_TOOLS_STORE_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/read_only_store.h"

namespace slotwise {

// What is wrong with a store that could be recovered.
struct StoreCheck {
  uint64_t entries = 0;
  uint64_t payload_bytes = 0;
  uint64_t superblock_copies_bad = 0;
  uint64_t entries_dropped = 0;       // by recovery: they did not fit the space beside the others
  std::vector<std::string> keys_bad;  // of payloads that are damaged or cannot be read

  bool ok() const { return superblock_copies_bad == 0 && entries_dropped == 0 && keys_bad.empty(); }
};

// Recounts every structure of `store` (and aborts on a lie: that is a bug, not
// damage), and with `payloads` reads every payload and verifies its checksum.
// An error means that the device cannot be read at all. Linear in the entries,
// or in the payload bytes.
absl::StatusOr<StoreCheck> CheckStore(ReadOnlyStore* store, bool payloads);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_STORE_CHECK_H_
