// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/compressed_bytes.h"

#include <memory>

#include "glog/logging.h"
#include "zlib.h"
#include "zstd.h"

namespace slotwise {
namespace {

constexpr int kGzipOnly = 16;
constexpr int kMemoryLevel = 8;

}  // namespace

std::string Gzip(std::string_view bytes) {
  z_stream stream = {};
  CHECK_EQ(
      deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzipOnly, kMemoryLevel, Z_DEFAULT_STRATEGY),
      Z_OK);
  std::string compressed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  CHECK_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  return compressed;
}

std::string Zstd(std::string_view bytes) {
  const std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  CHECK_EQ(ZSTD_isError(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1)), 0u);
  std::string compressed(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size = ZSTD_compress2(context.get(), compressed.data(), compressed.size(), bytes.data(), bytes.size());
  CHECK_EQ(ZSTD_isError(size), 0u);
  compressed.resize(size);
  return compressed;
}

}  // namespace slotwise
