// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_PAYLOAD_SIZER_H_
#define SLOTWISE_TOOLS_TRACES_PAYLOAD_SIZER_H_

#include <cstddef>
#include <cstdint>

#include "rawblock/make/format_plan.h"
#include "tools/traces/compression.h"
#include "tools/traces/model_profile.h"
#include "tools/traces/scale.h"

namespace slotwise {

// How many bytes the payload of each key has: the profile's bytes for its
// tokens, divided by the compression ratio of its key, times the scale. A chunk
// of t tokens takes t/256 of a full one. Rounded up, so never 0. A value.
class PayloadSizer {
 public:
  PayloadSizer(const ModelProfile& profile, Scale scale, Compression compression, uint64_t seed)
      : profile_(profile), scale_(scale), compression_(compression), seed_(seed) {}

  // REQUIRES: group < profile.groups(), 0 < tokens <= kChunkTokens.
  uint64_t Size(size_t group, uint32_t tokens, uint64_t key_hash) const;

  // The largest Size of a full chunk of `group`: exactly the size of every full
  // chunk when the compression has no spread.
  // REQUIRES: group < profile.groups().
  uint64_t size_max(size_t group) const;

  // The Size of a full chunk of `group` whose ratio is the mean.
  // REQUIRES: group < profile.groups().
  uint64_t size_mean(size_t group) const;

  const ModelProfile& profile() const { return profile_; }

 private:
  uint64_t Scaled(size_t group, uint32_t tokens, double ratio) const;

  ModelProfile profile_;
  Scale scale_;
  Compression compression_;
  uint64_t seed_;
};

// Of every object group of the profile.
ChunkSizes ChunkSizesOf(const PayloadSizer& sizer);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_PAYLOAD_SIZER_H_
