// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/zstd_codec.h"

#include "glog/logging.h"
#include "zstd.h"

namespace slotwise {

ZstdCodec::ZstdCodec() : context_(ZSTD_createDCtx(), &ZSTD_freeDCtx) { CHECK(context_ != nullptr); }

absl::Status ZstdCodec::Decode(std::span<const char>* in, std::span<char>* out) {
  if (between_frames_ && in->empty()) return absl::OkStatus();
  ZSTD_inBuffer from{in->data(), in->size(), 0};
  ZSTD_outBuffer to{out->data(), out->size(), 0};
  const size_t result = ZSTD_decompressStream(context_.get(), &to, &from);
  *in = in->subspan(from.pos);
  *out = out->subspan(to.pos);
  between_frames_ = result == 0;
  return ZSTD_isError(result) != 0 ? absl::InvalidArgumentError(ZSTD_getErrorName(result)) : absl::OkStatus();
}

}  // namespace slotwise
