// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/eviction_report.h"

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/experiments/eviction_simulator.h"

namespace slotwise {
namespace {

using Json = nlohmann::json;

EvictionReport MakeReport() {
  return {.trace = "a.csv",
          .trace_sha256 = "0123",
          .trace_format = "csv",
          .model = "llama-3.1-8b",
          .compression = "1",
          .save_partial = false,
          .seed = 7,
          .ignore_size = false,
          .commit = "abcd",
          .skipped_requests = 2,
          .requested_bytes = 1000,
          .runs = {{"lru", 64, {8, 2, 500}}, {"belady", 65536, {8, 1, 250}}}};
}

TEST(EvictionReportTest, Json) {
  const Json expected = {
      {"trace", "a.csv"},
      {"trace_sha256", "0123"},
      {"trace_format", "csv"},
      {"model", "llama-3.1-8b"},
      {"compression", "1"},
      {"save_partial", false},
      {"seed", 7},
      {"ignore_size", false},
      {"commit", "abcd"},
      {"skipped_requests", 2},
      {"requested_bytes", 1000},
      {"runs",
       {{{"policy", "lru"},
         {"capacity", 64},
         {"requests", 8},
         {"misses", 2},
         {"missed_bytes", 500},
         {"miss_ratio", 0.25},
         {"byte_miss_ratio", 0.5}},
        {{"policy", "belady"},
         {"capacity", 65536},
         {"requests", 8},
         {"misses", 1},
         {"missed_bytes", 250},
         {"miss_ratio", 0.125},
         {"byte_miss_ratio", 0.25}}}},
  };
  EXPECT_EQ(Json::parse(FormatEvictionJson(MakeReport())), expected);
}

TEST(EvictionReportTest, Csv) {
  EXPECT_EQ(FormatEvictionCsv(MakeReport()),
            "policy,capacity,requests,misses,missed_bytes,miss_ratio,byte_miss_ratio\n"
            "lru,64,8,2,500,0.250000000,0.500000000\n"
            "belady,65536,8,1,250,0.125000000,0.250000000\n");
}

TEST(EvictionReportTest, Table) {
  EXPECT_EQ(FormatEvictionTable(MakeReport()),
            "policy  capacity (bytes)  requests  misses  miss ratio  missed bytes  byte miss ratio\n"
            "lru                   64         8       2     25.00 %           500          50.00 %\n"
            "belady             65536         8       1     12.50 %           250          25.00 %\n");
  EvictionReport by_count = MakeReport();
  by_count.ignore_size = true;
  EXPECT_NE(FormatEvictionTable(by_count).find("capacity (objects)"), std::string::npos);
}

TEST(EvictionReportTest, ARatioOfNothingIsZero) {
  EvictionReport report = MakeReport();
  report.requested_bytes = 0;
  report.runs = {{"lru", 1, {}}};
  EXPECT_EQ(Json::parse(FormatEvictionJson(report))["runs"][0]["byte_miss_ratio"], 0.0);
}

}  // namespace
}  // namespace slotwise
