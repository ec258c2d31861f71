// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_STORES_STORE_ARGUMENTS_H_
#define SLOTWISE_TOOLS_STORES_STORE_ARGUMENTS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "tools/stores/store_plan.h"
#include "tools/traces/payload_sizer.h"

namespace slotwise {

// Which store, and for payloads of which sizes, as typed on the command line.
struct StoreArguments {
  std::string device;
  std::string capacity;   // empty: what there is
  std::string allocator;  // empty: none named
  std::string model = "llama-3.1-8b";
  std::string scale = "1";
  std::string compression = "1";
  bool buffered = false;
  bool force = false;
};

// The payloads that `arguments` speak of; `seed` varies how well each is
// compressed. InvalidArgument, naming the option, for words that mean nothing.
absl::StatusOr<PayloadSizer> MakePayloadSizer(const StoreArguments& arguments, uint64_t seed);

// The store that they ask for. InvalidArgument likewise.
absl::StatusOr<StoreRequest> MakeStoreRequest(const StoreArguments& arguments);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_STORES_STORE_ARGUMENTS_H_
