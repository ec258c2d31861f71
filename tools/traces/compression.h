// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_COMPRESSION_H_
#define SLOTWISE_TOOLS_TRACES_COMPRESSION_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace slotwise {

// How well a codec such as CacheGen shrinks chunks. The ratio of each chunk is
// normally distributed around `mean` with standard deviation `mean * spread`,
// and cut off at three deviations and at 1, for no chunk grows. It is drawn
// from the chunk's key, so the same key always has the same size.
struct Compression {
  double mean = 1;
  double spread = 0;

  double ratio_min() const;

  // How many times smaller the chunk gets whose key hashes to `key_hash`.
  // Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958.
  double Ratio(uint64_t key_hash, uint64_t seed) const;

  std::string ToString() const;
};

// "3.9" or "3.9,0.15": a mean from 1 to 1000 and a spread from 0 to 0.3.
// InvalidArgument with the text and what was expected otherwise.
absl::StatusOr<Compression> ParseCompression(std::string_view text);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_COMPRESSION_H_
