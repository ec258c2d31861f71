// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_ZSTD_CODEC_H_
#define SLOTWISE_TOOLS_TRACES_ZSTD_CODEC_H_

#include <memory>

#include "tools/traces/codec.h"

struct ZSTD_DCtx_s;

namespace slotwise {

// Zstandard, one frame or several after each other (libzstd's). Checksums are
// verified where there are some. A frame that needs a window of more than
// 128 MiB, which only `zstd --long=28` and above make, is refused.
class ZstdCodec : public Codec {
 public:
  ZstdCodec();

  const char* name() const override { return "zstd"; }
  absl::Status Decode(std::span<const char>* in, std::span<char>* out) override;
  bool may_end() const override { return between_frames_; }

 private:
  std::unique_ptr<ZSTD_DCtx_s, size_t (*)(ZSTD_DCtx_s*)> context_;
  bool between_frames_ = true;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_ZSTD_CODEC_H_
