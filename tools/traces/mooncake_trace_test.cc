// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/mooncake_trace.h"

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "tools/traces/compressed_bytes.h"
#include "tools/traces/string_source.h"
#include "tools/traces/trace_request.h"

namespace slotwise {
namespace {

constexpr char kGood[] = R"({"timestamp": 27, "input_length": 513, "output_length": 52, "hash_ids": [46, 47]})";

testing::AssertionResult Mentions(const absl::Status& status, const char* text) {
  if (status.message().find(absl::string_view(text)) != absl::string_view::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << status << " does not mention " << text;
}

TEST(MooncakeTraceTest, ReadsARequest) {
  const absl::StatusOr<TraceRequest> request = ParseMooncakeRequest(kGood);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(*request, (TraceRequest{27, 513, 52, {46, 47}}));
}

TEST(MooncakeTraceTest, NamesTheMemberAtFault) {
  struct Case {
    const char* line;
    const char* mentions;
  };
  for (const Case& bad : std::vector<Case>{
           {"", "JSON object"},
           {"{", "JSON object"},
           {"[]", "JSON object"},
           {"null", "JSON object"},
           {R"({"input_length": 1, "output_length": 1, "hash_ids": [1]})", "\"timestamp\""},
           {R"({"timestamp": -1, "input_length": 1, "output_length": 1, "hash_ids": [1]})", "not -1"},
           {R"({"timestamp": 0, "input_length": 0, "output_length": 1, "hash_ids": []})", "\"input_length\""},
           {R"({"timestamp": 0, "input_length": 1.5, "output_length": 1, "hash_ids": [1]})", "\"input_length\""},
           {R"({"timestamp": 0, "input_length": 99999999999, "output_length": 1, "hash_ids": [1]})",
            "\"input_length\""},
           {R"({"timestamp": 0, "input_length": "1", "output_length": 1, "hash_ids": [1]})", "not of type string"},
           {R"({"timestamp": 0, "input_length": 1, "output_length": 1e30, "hash_ids": [1]})", "\"output_length\""},
           {R"({"timestamp": 0, "input_length": 1, "output_length": 1})", "\"hash_ids\""},
           {R"({"timestamp": 0, "input_length": 1, "output_length": 1, "hash_ids": 1})", "\"hash_ids\""},
           {R"({"timestamp": 0, "input_length": 512, "output_length": 1, "hash_ids": [1, 2]})", "array of 1 ids"},
           {R"({"timestamp": 0, "input_length": 513, "output_length": 1, "hash_ids": [1]})", "array of 2 ids"},
           {R"({"timestamp": 0, "input_length": 1, "output_length": 1, "hash_ids": [-1]})", "whole numbers only"},
       }) {
    const absl::StatusOr<TraceRequest> request = ParseMooncakeRequest(bad.line);
    ASSERT_FALSE(request.ok()) << bad.line;
    EXPECT_TRUE(Mentions(request.status(), bad.mentions));
  }
}

RC_GTEST_PROP(MooncakeTraceTest, ReadsBackWhatItWrites,
              (uint32_t timestamp, uint32_t output, std::vector<uint64_t> ids)) {
  ids.push_back(0);
  const uint32_t input = static_cast<uint32_t>(ids.size()) * kTraceBlockTokens - timestamp % kTraceBlockTokens;
  const TraceRequest request{timestamp, input, output % kTraceTokensMax, ids};
  RC_ASSERT(ParseMooncakeRequest(FormatMooncakeRequest(request)).value() == request);
}

TEST(MooncakeTraceReaderTest, ReadsEveryLineWithOrWithoutALastLineEnd) {
  for (const char* end : {"", "\n"}) {
    StringSource source(std::string(kGood) + "\n" + kGood + end);
    MooncakeTraceReader reader(&source, "t");
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(reader.Next()->has_value());
    EXPECT_FALSE(reader.Next()->has_value());
  }
}

TEST(MooncakeTraceReaderTest, NamesFileAndLine) {
  StringSource source(std::string(kGood) + "\n\n" + kGood);
  MooncakeTraceReader reader(&source, "some.jsonl");
  ASSERT_TRUE(reader.Next().ok());
  EXPECT_TRUE(Mentions(reader.Next().status(), "some.jsonl:2: "));
}

TEST(MooncakeTraceReaderTest, SurvivesDeepNesting) {
  constexpr size_t kDepth = 1'000'000;
  const std::string nested = std::string(kDepth, '[') + std::string(kDepth, ']');
  EXPECT_TRUE(Mentions(ParseMooncakeRequest(nested).status(), "JSON object"));
  EXPECT_TRUE(Mentions(ParseMooncakeRequest("{\"timestamp\": " + nested + "}").status(), "not of type array"));
}

TEST(MooncakeTraceReaderTest, BoundsTheLine) {
  StringSource source(std::string(kTraceLineBytesMax + 1, ' '));
  MooncakeTraceReader reader(&source, "t");
  EXPECT_TRUE(Mentions(reader.Next().status(), "t:1: is longer than"));
}

std::string WriteTemporary(const std::string& text) {
  const std::string path = testing::TempDir() + "/mooncake_trace_test.jsonl";
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(ReadMooncakeTraceTest, ReadsAFileUpToTheLimit) {
  const std::string path = WriteTemporary(std::string(kGood) + "\n" + kGood + "\n" + kGood + "\n");
  EXPECT_EQ(ReadMooncakeTrace(path)->size(), 3u);
  EXPECT_EQ(ReadMooncakeTrace(path, 2)->size(), 2u);
}

TEST(ReadMooncakeTraceTest, UndoesCompression) {
  const std::string text = std::string(kGood) + "\n" + kGood + "\n";
  for (const std::string& bytes : {Gzip(text), Zstd(text)}) {
    const std::string path = WriteTemporary(bytes);
    EXPECT_EQ(ReadMooncakeTrace(path)->size(), 2u);
    EXPECT_TRUE(Mentions(ReadMooncakeTrace(WriteTemporary(bytes.substr(0, 30))).status(), ".jsonl: byte 30: "));
  }
}

TEST(ReadMooncakeTraceTest, RefusesMissingEmptyAndMalformedFiles) {
  EXPECT_TRUE(Mentions(ReadMooncakeTrace("/nonexistent/t.jsonl").status(), "/nonexistent/t.jsonl"));
  EXPECT_TRUE(Mentions(ReadMooncakeTrace(WriteTemporary("")).status(), "holds no request"));
  EXPECT_TRUE(Mentions(ReadMooncakeTrace(WriteTemporary(std::string(kGood) + "\n{}\n")).status(), ".jsonl:2: "));
  EXPECT_FALSE(ReadMooncakeTrace(testing::TempDir()).ok());
}

}  // namespace
}  // namespace slotwise
