// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_SHA256_H_
#define SLOTWISE_TOOLS_BASE_SHA256_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

struct evp_md_ctx_st;

namespace slotwise {

// The SHA-256 of bytes given piece by piece (OpenSSL's).
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Update(std::string_view bytes);

  // The digest of everything given, in 64 lower-case hexadecimal digits.
  // REQUIRES: called once, last.
  std::string Finish();

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

// The digest of the file at `path`, read in pieces. Errors as InputFile.
absl::StatusOr<std::string> Sha256OfFile(const std::string& path);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_SHA256_H_
