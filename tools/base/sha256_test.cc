// SPDX-License-Identifier: Apache-2.0
#include "tools/base/sha256.h"

#include <fstream>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

std::string DigestOf(std::string_view bytes) {
  Sha256 digest;
  digest.Update(bytes);
  return digest.Finish();
}

// NIST, FIPS 180-2, appendix B.
TEST(Sha256Test, KnowsTheStandardsExamples) {
  EXPECT_EQ(DigestOf("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(DigestOf(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

RC_GTEST_PROP(Sha256Test, PiecesMakeTheWhole, (std::string bytes, uint32_t cut)) {
  const size_t at = cut % (bytes.size() + 1);
  Sha256 digest;
  digest.Update(std::string_view(bytes).substr(0, at));
  digest.Update(std::string_view(bytes).substr(at));
  RC_ASSERT(digest.Finish() == DigestOf(bytes));
}

TEST(Sha256Test, ReadsFilesLongerThanAPiece) {
  const std::string path = testing::TempDir() + "/sha256_test";
  const std::string bytes(200'001, 'x');
  std::ofstream(path) << bytes;
  EXPECT_EQ(*Sha256OfFile(path), DigestOf(bytes));
}

TEST(Sha256Test, RefusesWhatItCannotRead) {
  EXPECT_EQ(Sha256OfFile("/nonexistent").status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(Sha256OfFile(testing::TempDir()).ok());
}

}  // namespace
}  // namespace slotwise
