// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_GZIP_CODEC_H_
#define SLOTWISE_TOOLS_TRACES_GZIP_CODEC_H_

#include <memory>

#include "tools/traces/codec.h"

struct z_stream_s;

namespace slotwise {

// gzip, one member or several after each other (zlib's). Checksums are verified;
// bytes after the last member that are not a member are damage.
class GzipCodec : public Codec {
 public:
  GzipCodec();
  ~GzipCodec() override;

  const char* name() const override { return "gzip"; }
  absl::Status Decode(std::span<const char>* in, std::span<char>* out) override;
  bool may_end() const override { return between_members_; }

 private:
  std::unique_ptr<z_stream_s> stream_;
  bool between_members_ = true;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_GZIP_CODEC_H_
