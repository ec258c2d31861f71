// SPDX-License-Identifier: Apache-2.0
#include "tools/base/text_table.h"

#include "gtest/gtest.h"

namespace slotwise {
namespace {

TEST(TextTableTest, AlignsColumns) {
  TextTable table;
  table.AddRow({"", "fixed", "slab"});
  table.AddRow({"requests", "12", "12"});
  table.AddRow({"utilisation", "50.1 %", "97 %"});
  table.AddRow({"x", "", ""});
  EXPECT_EQ(table.ToString(),
            "              fixed  slab\n"
            "requests         12    12\n"
            "utilisation  50.1 %  97 %\n"
            "x\n");
}

TEST(TextTableTest, EmptyIsNothing) { EXPECT_EQ(TextTable().ToString(), ""); }

}  // namespace
}  // namespace slotwise
