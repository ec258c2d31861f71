// SPDX-License-Identifier: Apache-2.0
#include "tools/base/sha256.h"

#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "glog/logging.h"
#include "openssl/evp.h"
#include "tools/base/input_file.h"

namespace slotwise {

Sha256::Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
  CHECK(context_ != nullptr);
  CHECK_EQ(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr), 1);
}

Sha256::~Sha256() = default;

void Sha256::Update(std::string_view bytes) {
  CHECK_EQ(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()), 1);
}

std::string Sha256::Finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  CHECK_EQ(EVP_DigestFinal_ex(context_.get(), digest.data(), &size), 1);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

absl::StatusOr<std::string> Sha256OfFile(const std::string& path) {
  absl::StatusOr<InputFile> file = InputFile::Open(path);
  if (!file.ok()) return file.status();
  Sha256 digest;
  std::array<char, 65536> piece;
  for (;;) {
    const absl::StatusOr<size_t> count = file->Read(piece);
    if (!count.ok()) return count.status();
    if (*count == 0) return digest.Finish();
    digest.Update({piece.data(), *count});
  }
}

}  // namespace slotwise
