// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/decompressed_source.h"

#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glog/logging.h"
#include "tools/traces/gzip_codec.h"
#include "tools/traces/plain_codec.h"
#include "tools/traces/zstd_codec.h"

namespace slotwise {
namespace {

constexpr size_t kBufferBytes = size_t{128} << 10;

// RFC 1952: the magic, deflate, and flags of which three are reserved.
bool IsGzip(std::string_view head) {
  return head.size() >= 4 && head.starts_with("\x1f\x8b\x08") && (static_cast<unsigned char>(head[3]) & 0xe0) == 0;
}

// RFC 8878.
bool IsZstd(std::string_view head) { return head.starts_with("\x28\xb5\x2f\xfd"); }

std::unique_ptr<Codec> ChooseCodec(std::string_view head) {
  if (IsGzip(head)) return std::make_unique<GzipCodec>();
  if (IsZstd(head)) return std::make_unique<ZstdCodec>();
  return std::make_unique<PlainCodec>();
}

}  // namespace

absl::StatusOr<size_t> DecompressedSource::Read(std::span<char> out) {
  std::span<char> rest = out;
  while (!rest.empty()) {
    const absl::StatusOr<bool> more = Advance(&rest);
    if (!more.ok()) return more.status();
    if (!*more) break;
  }
  return out.size() - rest.size();
}

absl::StatusOr<bool> DecompressedSource::Advance(std::span<char>* out) {
  if (codec_ != nullptr) {
    const size_t in_before = in_.size();
    const size_t out_before = out->size();
    const absl::Status status = codec_->Decode(&in_, out);
    consumed_ += in_before - in_.size();
    if (!status.ok()) {
      return Damaged(absl::StrCat("the ", codec_->name(), " data are damaged: ", status.message()));
    }
    if (in_.size() != in_before || out->size() != out_before) return true;
  }
  if (absl::Status status = Refill(); !status.ok()) return status;
  if (!in_.empty()) return true;
  if (codec_->may_end()) return false;
  return Damaged(absl::StrCat("the file ends within its ", codec_->name(), " data"));
}

absl::Status DecompressedSource::Refill() {
  CHECK(in_.empty());
  buffer_.resize(kBufferBytes);
  const absl::StatusOr<size_t> size = source_->Read(buffer_);
  if (!size.ok()) return size.status();
  in_ = std::span<const char>(buffer_).first(*size);
  if (codec_ == nullptr) codec_ = ChooseCodec({in_.data(), in_.size()});
  return absl::OkStatus();
}

absl::Status DecompressedSource::Damaged(absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(name_, ": byte ", consumed_, ": ", what));
}

}  // namespace slotwise
