// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/cache_trace.h"

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tools/traces/cache_request.h"
#include "tools/traces/chunk_stream.h"
#include "tools/traces/compressed_bytes.h"
#include "tools/traces/compression.h"
#include "tools/traces/model_profile.h"
#include "tools/traces/mooncake_trace.h"
#include "tools/traces/oracle_general_trace.h"
#include "tools/traces/payload_sizer.h"
#include "tools/traces/scale.h"
#include "tools/traces/trace_request.h"

namespace slotwise {
namespace {

using Requests = std::vector<CacheRequest>;

std::string WriteTemporary(const std::string& bytes) {
  const std::string path = testing::TempDir() + "/cache_trace_test";
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

ChunkStream Chunks(bool save_partial = false) {
  return {PayloadSizer(FindModelProfile("deepseek-v4-flash").value(), Scale{}, Compression{}, 1),
          save_partial ? Chunking::kPartialTail : Chunking::kFull};
}

absl::StatusOr<CacheTrace> Read(const std::string& bytes, const CacheTraceOptions& options) {
  return ReadCacheTrace(WriteTemporary(bytes), options, Chunks());
}

std::string Records(const Requests& requests) {
  std::string bytes;
  for (const auto& [id, size] : requests) {
    bytes += FormatOracleGeneralRecord({0, id, static_cast<uint32_t>(size), -1});
  }
  return bytes;
}

std::string Lines(const Requests& requests) {
  std::string text;
  for (const auto& [id, size] : requests) absl::StrAppend(&text, "0,", id, ",", size, "\n");
  return text;
}

TEST(CacheTraceTest, KnowsItsFormats) {
  EXPECT_EQ(TraceFormatFromName("mooncake").value(), TraceFormat::kMooncake);
  EXPECT_EQ(TraceFormatFromName("oracle_general").value(), TraceFormat::kOracleGeneral);
  EXPECT_EQ(TraceFormatFromName("csv").value(), TraceFormat::kCsv);
  EXPECT_EQ(TraceFormatFromName("tsv").status().message(),
            "no trace format is called \"tsv\"; there are mooncake, oracle_general and csv");
}

TEST(CacheTraceTest, ReadsAllFormatsCompressedOrNot) {
  const Requests requests = {{1, 10}, {2, 20}, {1, 10}};
  for (const TraceFormat format : {TraceFormat::kOracleGeneral, TraceFormat::kCsv}) {
    const std::string text = format == TraceFormat::kCsv ? Lines(requests) : Records(requests);
    for (const std::string& bytes : {text, Gzip(text), Zstd(text)}) {
      EXPECT_EQ(Read(bytes, {.format = format})->requests, requests);
      EXPECT_EQ(Read(bytes, {.format = format, .requests_max = 2})->requests, Requests({{1, 10}, {2, 20}}));
    }
  }
}

TEST(CacheTraceTest, APromptIsItsChunksInOrder) {
  const TraceRequest first{0, 700, 5, {46, 47}};
  const TraceRequest second{1, 512, 5, {46}};
  const std::string text = FormatMooncakeRequest(first) + "\n" + FormatMooncakeRequest(second) + "\n";
  for (const bool save_partial : {false, true}) {
    Requests expected;
    for (const TraceRequest& prompt : {first, second}) {
      for (const Chunk& chunk : Chunks(save_partial).Chunks(prompt)) {
        for (const ChunkObject& object : chunk.objects) expected.push_back({object.key_hash, object.payload_bytes});
      }
    }
    const absl::StatusOr<CacheTrace> trace = ReadCacheTrace(WriteTemporary(text), {}, Chunks(save_partial));
    EXPECT_EQ(trace->requests, expected);
    // Two objects a chunk; 2 full chunks and a partial one, then 2 full ones.
    EXPECT_EQ(expected.size(), save_partial ? 10u : 8u);
    EXPECT_EQ(expected[0], expected[save_partial ? 6 : 4]);
  }
}

TEST(CacheTraceTest, ObjectsWithoutBytesAreSkippedUnlessSizesAreIgnored) {
  const Requests requests = {{1, 0}, {2, 20}, {1, 0}, {3, 30}};
  for (const TraceFormat format : {TraceFormat::kOracleGeneral, TraceFormat::kCsv}) {
    const std::string text = format == TraceFormat::kCsv ? Lines(requests) : Records(requests);
    const absl::StatusOr<CacheTrace> by_size = Read(text, {.format = format});
    EXPECT_EQ(by_size->requests, Requests({{2, 20}, {3, 30}}));
    EXPECT_EQ(by_size->skipped, 2u);
    const absl::StatusOr<CacheTrace> by_count = Read(text, {.format = format, .ignore_size = true});
    EXPECT_EQ(by_count->requests, requests);
    EXPECT_EQ(by_count->skipped, 0u);
  }
}

TEST(CacheTraceTest, RefusesWhatHoldsNoRequest) {
  const std::string path = WriteTemporary("");
  for (const TraceFormat format : {TraceFormat::kMooncake, TraceFormat::kOracleGeneral, TraceFormat::kCsv}) {
    EXPECT_EQ(Read("", {.format = format}).status(), absl::InvalidArgumentError(path + ": holds no request"));
    EXPECT_EQ(Read(Gzip(""), {.format = format}).status(), absl::InvalidArgumentError(path + ": holds no request"));
  }
  EXPECT_EQ(Read("0,1,0\n", {.format = TraceFormat::kCsv}).status().message(),
            path + ": holds no request for an object that has bytes");
  EXPECT_TRUE(absl::IsNotFound(ReadCacheTrace("/nonexistent", {}, Chunks()).status()));
}

TEST(CacheTraceTest, NamesWhereItStumbles) {
  const std::string path = WriteTemporary("");
  EXPECT_EQ(Read(Records({{1, 1}}) + "x", {.format = TraceFormat::kOracleGeneral}).status().message(),
            path + ": byte 24: the trace ends within a record, after 1 of its 24 bytes");
  Requests large(2049, {1, uint64_t{1} << 53});
  large.insert(large.begin() + 2047, {2, 1});
  EXPECT_EQ(Read(Lines(large), {.format = TraceFormat::kCsv}).status().message(),
            path + ":2049: the sizes up to here add up to 2^64 bytes or more");
}

}  // namespace
}  // namespace slotwise
