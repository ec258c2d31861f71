// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/csv_trace.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "tools/traces/cache_request.h"
#include "tools/traces/csv_fields.h"
#include "tools/traces/string_source.h"
#include "xxhash.h"

namespace slotwise {
namespace {

using Requests = std::vector<CacheRequest>;

absl::StatusOr<Requests> Read(const std::string& text) {
  StringSource source(text);
  CsvTraceReader reader(&source, "t");
  Requests requests;
  for (;;) {
    const absl::StatusOr<std::optional<CacheRequest>> request = reader.Next();
    if (!request.ok()) return request.status();
    if (!*request) return requests;
    requests.push_back(**request);
  }
}

uint64_t Hash(std::string_view id) { return XXH3_64bits(id.data(), id.size()); }

TEST(CsvTraceTest, WithoutAHeaderColumnsAreTimeIdSize) {
  EXPECT_EQ(Read("").value(), Requests());
  EXPECT_EQ(Read("0,7,100\n1.5,8,200,more,columns\r\n").value(), Requests({{7, 100}, {8, 200}}));
  EXPECT_EQ(Read("0,key,100").value(), Requests({{Hash("key"), 100}}));
}

TEST(CsvTraceTest, AHeaderOrdersTheColumns) {
  EXPECT_EQ(Read("size,id\n100,7\n").value(), Requests({{7, 100}}));
  EXPECT_EQ(Read("Timestamp, op, OBJ_SIZE, Obj_Id\n3,get,100,7\n").value(), Requests({{7, 100}}));
  EXPECT_EQ(Read("\xef\xbb\xbfkey,size,time\n7,100,3\n").value(), Requests({{7, 100}}));
  EXPECT_EQ(Read("time,id,size\n").value(), Requests());
}

TEST(CsvTraceTest, WholeNumbersAreIdsAndEverythingElseIsHashed) {
  const std::string max = "18446744073709551615";
  EXPECT_EQ(Read("0,0,1\n0," + max + ",1").value(), Requests({{0, 1}, {~uint64_t{0}, 1}}));
  for (const char* id : {"007", "-1", "+1", "1.0", "0x1", "18446744073709551616", "user:42", "\xff\x01"}) {
    EXPECT_EQ(Read(absl::StrCat("0,", id, ",1")).value(), Requests({{Hash(id), 1}})) << id;
  }
  EXPECT_EQ(Read("0,\"a, \"\"b\"\"\",1").value(), Requests({{Hash("a, \"b\""), 1}}));
}

TEST(CsvTraceTest, NamesFileAndLineAndWhatWasWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"0,1", "t:1: has 2 columns, not 3; without a header they are time,id,size"},
      {"a,b,c", "t:1: the time must be a number, not \"a\""},
      {"0,1,2\n\n0,1,2", "t:2: has 1 columns"},
      {"0,1,2\nnow,1,2", "t:2: the time must be a number, not \"now\""},
      {"0,1,2\nnan,1,2", "t:2: the time must be a number, not \"nan\""},
      {"0,1,2\n0,,2", "t:2: the id is empty"},
      {"0,1,2\n0,1,", "t:2: the size must be a whole number of bytes up to 9007199254740992, not \"\""},
      {"0,1,-2", "not \"-2\""},
      {"0,1,2.5", "not \"2.5\""},
      {"0,1,0x10", "not \"0x10\""},
      {"0,1,9007199254740993", "not \"9007199254740993\""},
      {"0,1,99999999999999999999", "not \"99999999999999999999\""},
      {"0,\"1,2", "t:1: a quote is opened and not closed"},
      {"time,size\n0,1", "t:1: the header names no column id, obj_id or key"},
      {"time,id\n0,1", "t:1: the header names no column size or obj_size"},
      {"id,key,size\n0,1,2", "t:1: columns \"id\" and \"key\" say the same; keep one"},
      {"size,id,other\n5,6,7\n5", "t:3: has 1 columns, not 2"},
      {"time,id,size\ntime,id,size", "t:2: the time must be a number, not \"time\""},
      {"0,1,2\n" + std::string(kCsvLineBytesMax + 1, '7'), "t:2: is longer than 65536 bytes"},
  };
  for (const auto& [text, expected] : cases) {
    const absl::Status status = Read(text).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << text;
    EXPECT_TRUE(absl::StrContains(status.message(), expected)) << status << " does not mention " << expected;
  }
}

// An id as text, and the column it becomes part of.
RC_GTEST_PROP(CsvTraceTest, ReadsBackWhatIsWritten,
              (const std::vector<std::pair<std::string, uint32_t>>& values, bool header)) {
  std::string text = header ? "obj_size,key\n" : "";
  Requests requests;
  for (const auto& [id, size] : values) {
    if (id.empty() || id.find('\n') != std::string::npos) continue;
    const std::string field = FormatCsvField(id);
    text += header ? absl::StrCat(size, ",", field, "\n") : absl::StrCat("0,", field, ",", size, "\n");
    uint64_t number = 0;
    const bool canonical = absl::SimpleAtoi(id, &number) && absl::StrCat(number) == id;
    requests.push_back({canonical ? number : Hash(id), size});
  }
  RC_ASSERT(Read(text).value() == requests);
}

}  // namespace
}  // namespace slotwise
