// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/decompressed_source.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glog/logging.h"
#include "zlib.h"
#include "zstd.h"

namespace slotwise {

// Undoes one compression, piece by piece, in memory that its input cannot grow.
class Codec {
 public:
  virtual ~Codec() = default;

  // What the compression is called: "gzip".
  virtual const char* name() const = 0;

  // Turns bytes at the front of `in` into bytes at the front of `out`, and cuts both off. Does nothing only when it
  // needs more of `in`, or of `out`. InvalidArgument, saying what is wrong, for damaged data.
  virtual absl::Status Decode(std::span<const char>* in, std::span<char>* out) = 0;

  // Whether the data may end where they have been decoded to.
  bool may_end() const { return may_end_; }

 protected:
  bool may_end_ = true;
};

namespace {

class PlainCodec final : public Codec {
 public:
  const char* name() const override { return "plain"; }

  absl::Status Decode(std::span<const char>* in, std::span<char>* out) override {
    const size_t count = std::min(in->size(), out->size());
    std::copy_n(in->begin(), count, out->begin());
    *in = in->subspan(count);
    *out = out->subspan(count);
    return absl::OkStatus();
  }
};

constexpr int kGzipOnly = 16;

uInt Clamp(size_t size) { return static_cast<uInt>(std::min<size_t>(size, std::numeric_limits<uInt>::max())); }

// One member or several after each other. Bytes after the last one that are no member are damage.
class GzipCodec final : public Codec {
 public:
  GzipCodec() { CHECK_EQ(inflateInit2(&stream_, MAX_WBITS + kGzipOnly), Z_OK); }
  ~GzipCodec() override { inflateEnd(&stream_); }

  const char* name() const override { return "gzip"; }

  absl::Status Decode(std::span<const char>* in, std::span<char>* out) override {
    if (may_end_ && in->empty()) return absl::OkStatus();
    if (may_end_) CHECK_EQ(inflateReset(&stream_), Z_OK);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in->data()));
    stream_.next_out = reinterpret_cast<Bytef*>(out->data());
    const uInt in_size = stream_.avail_in = Clamp(in->size());
    const uInt out_size = stream_.avail_out = Clamp(out->size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    *in = in->subspan(in_size - stream_.avail_in);
    *out = out->subspan(out_size - stream_.avail_out);
    may_end_ = result == Z_STREAM_END;
    if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) return absl::OkStatus();
    return absl::InvalidArgumentError(stream_.msg != nullptr ? stream_.msg : zError(result));
  }

 private:
  z_stream stream_ = {};
};

// One frame or several after each other. Checksums are verified where there are some. libzstd refuses a window of more
// than 128 MiB, which only `zstd --long=28` and above make.
class ZstdCodec final : public Codec {
 public:
  ZstdCodec() { CHECK(context_ != nullptr); }

  const char* name() const override { return "zstd"; }

  absl::Status Decode(std::span<const char>* in, std::span<char>* out) override {
    if (may_end_ && in->empty()) return absl::OkStatus();
    ZSTD_inBuffer from{in->data(), in->size(), 0};
    ZSTD_outBuffer to{out->data(), out->size(), 0};
    const size_t result = ZSTD_decompressStream(context_.get(), &to, &from);
    *in = in->subspan(from.pos);
    *out = out->subspan(to.pos);
    may_end_ = result == 0;
    return ZSTD_isError(result) != 0 ? absl::InvalidArgumentError(ZSTD_getErrorName(result)) : absl::OkStatus();
  }

 private:
  std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context_{ZSTD_createDCtx(), &ZSTD_freeDCtx};
};

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

DecompressedSource::DecompressedSource(std::unique_ptr<ByteSource> source, std::string name)
    : source_(std::move(source)), name_(std::move(name)) {}

DecompressedSource::~DecompressedSource() = default;

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
