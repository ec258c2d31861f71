// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/line_reader.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "tools/traces/string_source.h"

namespace slotwise {
namespace {

absl::StatusOr<std::vector<std::string>> Lines(const std::string& text, size_t line_bytes_max) {
  StringSource source(text);
  LineReader reader(&source, "t", line_bytes_max);
  std::vector<std::string> lines;
  for (;;) {
    const absl::StatusOr<std::optional<std::string_view>> line = reader.Next();
    if (!line.ok()) return line.status();
    if (!*line) return lines;
    lines.emplace_back(**line);
  }
}

TEST(LineReaderTest, ALastLineNeedsNoLineEnd) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(Lines("", 10).value(), Texts());
  EXPECT_EQ(Lines("\n", 10).value(), Texts({""}));
  EXPECT_EQ(Lines("a", 10).value(), Texts({"a"}));
  EXPECT_EQ(Lines("a\n", 10).value(), Texts({"a"}));
  EXPECT_EQ(Lines("a\n\nb", 10).value(), Texts({"a", "", "b"}));
  EXPECT_EQ(Lines("a\n\n", 10).value(), Texts({"a", ""}));
}

// Lengths around those of the pieces that are read.
RC_GTEST_PROP(LineReaderTest, SplitsWhatWasJoined, ()) {
  const auto length = rc::gen::oneOf(rc::gen::inRange<size_t>(0, 10), rc::gen::inRange<size_t>(131'000, 131'100));
  const auto lengths = *rc::gen::container<std::vector<size_t>>(length);
  std::vector<std::string> lines;
  for (size_t i = 0; i < lengths.size(); ++i) lines.emplace_back(lengths[i], static_cast<char>('a' + i % 26));
  RC_ASSERT(Lines(absl::StrJoin(lines, "\n") + (lines.empty() ? "" : "\n"), 131'100).value() == lines);
}

TEST(LineReaderTest, BoundsTheLine) {
  for (const size_t max : {size_t{5}, size_t{200'000}}) {
    const std::string longest(max, 'x');
    EXPECT_EQ(Lines("a\n" + longest + "\n" + longest, max)->size(), 3u);
    for (const char* end : {"", "\n"}) {
      EXPECT_EQ(Lines("a\nx" + longest + end, max).status().message(),
                "t:2: is longer than " + std::to_string(max) + " bytes; a trace has one request a line");
    }
  }
}

}  // namespace
}  // namespace slotwise
