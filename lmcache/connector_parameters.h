// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_LMCACHE_CONNECTOR_PARAMETERS_H_
#define SLOTWISE_LMCACHE_CONNECTOR_PARAMETERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lmcache/connector.h"

namespace slotwise {

// LMCache's adapter_params, as a user wrote them; README.md says what each means.
struct ConnectorParameters {
  std::vector<std::string> device_path;
  int64_t capacity_bytes = 0;
  int64_t queue_depth = 256;
  bool create = false;
  int64_t payload_bytes = 0;
  std::string allocator = "extent";
  std::string eviction = "none";
  std::string durability = "batched";
  int64_t commit_interval_ms = 50;
  bool buffered = false;
  std::string io_engine = "auto";
  std::string metrics_path;
  double metrics_interval = 10;  // seconds
};

// The options that they ask for. InvalidArgument names the first parameter that is
// wrong, its value, and what is allowed. Looks at no device.
absl::StatusOr<ConnectorOptions> OptionsOf(const ConnectorParameters& parameters);

}  // namespace slotwise

#endif  // SLOTWISE_LMCACHE_CONNECTOR_PARAMETERS_H_
