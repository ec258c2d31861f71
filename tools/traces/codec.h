// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_CODEC_H_
#define SLOTWISE_TOOLS_TRACES_CODEC_H_

#include <span>

#include "absl/status/status.h"

namespace slotwise {

// Undoes one compression, piece by piece, in memory that its input cannot grow.
class Codec {
 public:
  virtual ~Codec() = default;

  // What the compression is called: "gzip".
  virtual const char* name() const = 0;

  // Turns bytes at the front of `in` into bytes at the front of `out`, and cuts
  // both off. Does nothing only when it needs more of `in`, or of `out`.
  // InvalidArgument, saying what is wrong, for damaged data.
  virtual absl::Status Decode(std::span<const char>* in, std::span<char>* out) = 0;

  // Whether the data may end where they have been decoded to.
  virtual bool may_end() const = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_CODEC_H_
