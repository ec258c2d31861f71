// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_PLAIN_CODEC_H_
#define SLOTWISE_TOOLS_TRACES_PLAIN_CODEC_H_

#include <algorithm>
#include <cstddef>

#include "tools/traces/codec.h"

namespace slotwise {

// No compression.
class PlainCodec : public Codec {
 public:
  const char* name() const override { return "plain"; }

  absl::Status Decode(std::span<const char>* in, std::span<char>* out) override {
    const size_t count = std::min(in->size(), out->size());
    std::copy_n(in->begin(), count, out->begin());
    *in = in->subspan(count);
    *out = out->subspan(count);
    return absl::OkStatus();
  }

  bool may_end() const override { return true; }
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_PLAIN_CODEC_H_
