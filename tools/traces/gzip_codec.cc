// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/gzip_codec.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "glog/logging.h"
#include "zlib.h"

namespace slotwise {
namespace {

constexpr int kGzipOnly = 16;

uInt Clamp(size_t size) { return static_cast<uInt>(std::min<size_t>(size, std::numeric_limits<uInt>::max())); }

}  // namespace

GzipCodec::GzipCodec() : stream_(new z_stream_s{}) {
  CHECK_EQ(inflateInit2(stream_.get(), MAX_WBITS + kGzipOnly), Z_OK);
}

GzipCodec::~GzipCodec() { inflateEnd(stream_.get()); }

absl::Status GzipCodec::Decode(std::span<const char>* in, std::span<char>* out) {
  if (between_members_ && in->empty()) return absl::OkStatus();
  if (between_members_) CHECK_EQ(inflateReset(stream_.get()), Z_OK);
  const uInt in_size = Clamp(in->size());
  const uInt out_size = Clamp(out->size());
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in->data()));
  stream_->avail_in = in_size;
  stream_->next_out = reinterpret_cast<Bytef*>(out->data());
  stream_->avail_out = out_size;
  const int result = inflate(stream_.get(), Z_NO_FLUSH);
  *in = in->subspan(in_size - stream_->avail_in);
  *out = out->subspan(out_size - stream_->avail_out);
  between_members_ = result == Z_STREAM_END;
  if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) return absl::OkStatus();
  return absl::InvalidArgumentError(stream_->msg != nullptr ? stream_->msg : zError(result));
}

}  // namespace slotwise
