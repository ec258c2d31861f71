// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/csv_fields.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

using Fields = std::vector<std::string>;

Fields Split(const std::string& line) {
  Fields fields = {"left", "from", "the", "line", "before"};
  const absl::Status status = SplitCsvFields(line, &fields);
  EXPECT_TRUE(status.ok()) << status;
  return fields;
}

TEST(CsvFieldsTest, Splits) {
  EXPECT_EQ(Split(""), Fields({""}));
  EXPECT_EQ(Split("a"), Fields({"a"}));
  EXPECT_EQ(Split(","), Fields({"", ""}));
  EXPECT_EQ(Split("a,,b"), Fields({"a", "", "b"}));
  EXPECT_EQ(Split(" a\t, b c ,d\r"), Fields({"a", "b c", "d"}));
  EXPECT_EQ(Split(R"("a, ""b""" ," c ",d"e)"), Fields({R"(a, "b")", " c ", R"(d"e)"}));
  EXPECT_EQ(Split(R"("")"), Fields({""}));
}

TEST(CsvFieldsTest, RefusesBrokenQuotes) {
  Fields fields;
  EXPECT_EQ(SplitCsvFields(R"(a,"b)", &fields).message(), "a quote is opened and not closed");
  EXPECT_EQ(SplitCsvFields(R"("b"")", &fields).message(), "a quote is opened and not closed");
  EXPECT_EQ(SplitCsvFields(R"("b"c,d)", &fields).message(), "a quote is closed before the end of its field");
}

RC_GTEST_PROP(CsvFieldsTest, ReadsBackWhatItWrites, ()) {
  const auto field = rc::gen::container<std::string>(rc::gen::element('a', ',', '"', ' ', '\t', '\r', '1'));
  const Fields fields = *rc::gen::nonEmpty(rc::gen::container<Fields>(field));
  const auto format = [](std::string* line, const std::string& text) { line->append(FormatCsvField(text)); };
  RC_ASSERT(Split(absl::StrJoin(fields, ",", format)) == fields);
}

}  // namespace
}  // namespace slotwise
