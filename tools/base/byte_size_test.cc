// SPDX-License-Identifier: Apache-2.0
#include "tools/base/byte_size.h"

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

TEST(ByteSizeTest, ParsesWholeNumbersAndBinaryUnits) {
  EXPECT_EQ(*ParseByteSize("0"), 0u);
  EXPECT_EQ(*ParseByteSize("4096"), 4096u);
  EXPECT_EQ(*ParseByteSize("64K"), uint64_t{64} << 10);
  EXPECT_EQ(*ParseByteSize("64MiB"), uint64_t{64} << 20);
  EXPECT_EQ(*ParseByteSize("1.5GiB"), uint64_t{3} << 29);
  EXPECT_EQ(*ParseByteSize("2T"), uint64_t{2} << 40);
  EXPECT_EQ(*ParseByteSize("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(*ParseByteSize("16777215T"), uint64_t{16777215} << 40);
}

TEST(ByteSizeTest, RefusesWithTheTextItRefuses) {
  for (const char* text : {"",          "M",
                           "-1",        "+1",
                           " 1",        "1 ",
                           "1 M",       "1.",
                           ".5G",       "1.5",
                           "0.3K",      "1..5K",
                           "1e3",       "0x10",
                           "64m",       "64MB",
                           "64Mi",      "64MiBs",
                           "1E",        "18446744073709551616",
                           "16777216T", "99999999999999999999999",
                           "nan",       "1,5G"}) {
    const absl::StatusOr<uint64_t> size = ParseByteSize(text);
    ASSERT_FALSE(size.ok()) << text << " became " << *size;
    EXPECT_NE(size.status().message().find(absl::StrCat("\"", text, "\"")), absl::string_view::npos) << size.status();
  }
}

RC_GTEST_PROP(ByteSizeTest, ReadsBackWhatItIsGiven, (uint64_t bytes)) {
  RC_ASSERT(*ParseByteSize(std::to_string(bytes)) == bytes);
}

TEST(ByteSizeTest, FormatsForPeople) {
  EXPECT_EQ(FormatByteSize(0), "0 B");
  EXPECT_EQ(FormatByteSize(1023), "1023 B");
  EXPECT_EQ(FormatByteSize(1024), "1 KiB");
  EXPECT_EQ(FormatByteSize(uint64_t{3} << 29), "1.5 GiB");
  EXPECT_EQ(FormatByteSize(8126464), "7.75 MiB");
  EXPECT_EQ(FormatByteSize(uint64_t{1} << 50), "1024 TiB");
}

}  // namespace
}  // namespace slotwise
