// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/eviction_command.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/base/exit_code.h"
#include "tools/experiments/eviction_simulator.h"
#include "tools/traces/compressed_bytes.h"
#include "tools/traces/oracle_general_trace.h"

namespace slotwise {
namespace {

using Json = nlohmann::json;

std::string Temporary(const std::string& name) { return testing::TempDir() + "/eviction_command_test." + name; }

std::string Write(const std::string& name, const std::string& bytes) {
  std::ofstream(Temporary(name), std::ios::binary) << bytes;
  return Temporary(name);
}

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The report of what must be done.
Json Report(EvictionArguments arguments) {
  arguments.json = Temporary("json");
  EXPECT_EQ(RunEviction(arguments), ExitCode::kDone);
  return Json::parse(ReadAll(arguments.json));
}

EvictionArguments ForTrace(const std::string& path, const std::string& format, const std::string& policy) {
  EvictionArguments arguments;
  arguments.trace = path;
  arguments.trace_format = format;
  arguments.policy = policy;
  return arguments;
}

// Misses and missed bytes, by policy.
std::map<std::string, std::pair<uint64_t, uint64_t>> Misses(const Json& report) {
  std::map<std::string, std::pair<uint64_t, uint64_t>> misses;
  for (const Json& run : report["runs"]) misses[run["policy"]] = {run["misses"], run["missed_bytes"]};
  return misses;
}

// Six requests for a, of 10 bytes, b, of 20, and c, of 30.
constexpr char kTiny[] = "0,a,10\n1,b,20\n2,a,10\n3,c,30\n4,b,20\n5,a,10\n";

EvictionArguments ForTiny(const std::string& policy) { return ForTrace(Write("csv", kTiny), "csv", policy); }

// In a cache of two objects a and b enter and a is hit, whatever the policy; c
// needs room. Then, as `LEFT: HIT or MISS`:
//   lru     b goes, {a c}: b misses, a goes, {c b}: a misses
//   fifo    a goes, {b c}: b is hit, a misses
//   sieve   the hand passes a, which was hit, b, the newest yet, goes, and the hand starts over, {a c}: b misses,
//           a, whose mark is cleared, goes, {c b}: a misses
//   s3fifo  all are in the small queue; a, hit once, does not go on to the main one, {b c}: b is hit, a misses
//   gdsf    H(a) = 2e6, H(b) = 1e6: b goes, L = 1e6, H(c) = 2e6: b misses, a goes, for its H is older: a misses
//   lfu     b goes, {a c}: b misses, c goes, {a b}: a is hit
//   arc     T1 = {b}, T2 = {a}, target 0: b goes to B1; b misses, is in B1, target 1, |T1| = 1 is not above:
//           a goes to B2; a misses
//   belady  a, wanted last, goes, {b c}: b is hit, a misses
TEST(EvictionCommandTest, MissesAreThoseWorkedOutByHand) {
  EvictionArguments arguments = ForTiny("all");
  arguments.capacity = "2";
  arguments.ignore_size = true;
  const std::map<std::string, std::pair<uint64_t, uint64_t>> expected = {
      {"lru", {5, 90}},  {"fifo", {4, 70}}, {"sieve", {5, 90}}, {"s3fifo", {4, 70}},
      {"gdsf", {5, 90}}, {"lfu", {4, 80}},  {"arc", {5, 90}},   {"belady", {4, 70}},
  };
  const auto misses = Misses(Report(arguments));
  EXPECT_EQ(misses.size(), SimulatedPolicies().size());
  for (const auto& [policy, by_hand] : expected) EXPECT_EQ(misses.at(policy), by_hand) << policy;
}

// 40 bytes hold a and b; c needs 30: lru gives up b; b needs 20 more: a and then c go.
TEST(EvictionCommandTest, CapacityIsBytesOtherwise) {
  EvictionArguments arguments = ForTiny("lru");
  arguments.capacity = "40,60";
  const Json report = Report(arguments);
  ASSERT_EQ(report["runs"].size(), 2u);
  const Json expected = {{"policy", "lru"},    {"capacity", 40},       {"requests", 6},         {"misses", 5},
                         {"missed_bytes", 90}, {"miss_ratio", 5. / 6}, {"byte_miss_ratio", 0.9}};
  EXPECT_EQ(report["runs"][0], expected);
  EXPECT_EQ(report["runs"][1]["misses"], 3);
}

TEST(EvictionCommandTest, TheReportSaysHowItWasMade) {
  EvictionArguments arguments = ForTiny("lru");
  arguments.seed = 7;
  const Json report = Report(arguments);
  EXPECT_EQ(report["trace"], Temporary("csv"));
  // sha256sum of kTiny
  EXPECT_EQ(report["trace_sha256"], "6a26e105a4b108ed4c161875fc727c96ca3ac989dac0e1a22dcbd5855f6de7ff");
  EXPECT_EQ(report["trace_format"], "csv");
  EXPECT_EQ(report["seed"], 7);
  EXPECT_EQ(report["ignore_size"], false);
  EXPECT_FALSE(report["commit"].get<std::string>().empty());
}

TEST(EvictionCommandTest, WithoutCapacityFractionsOfTheWorkingSet) {
  EvictionArguments arguments = ForTiny("fifo,lru");
  const Json report = Report(arguments);
  std::vector<uint64_t> capacities;
  for (const Json& run : report["runs"]) capacities.push_back(run["capacity"]);
  EXPECT_EQ(capacities, std::vector<uint64_t>({1, 6, 18, 1, 6, 18}));
  EXPECT_EQ(report["runs"][0]["policy"], "fifo");
  EXPECT_EQ(report["runs"][3]["policy"], "lru");
  arguments.capacity_fraction = "0.5,1";
  const Json half = Report(arguments);
  EXPECT_EQ(half["runs"][0]["capacity"], 30);
  EXPECT_EQ(half["runs"][1]["capacity"], 60);
}

// Keys that come again and again, at distances that tell the policies apart.
std::string ManyRecords() {
  std::string bytes;
  for (uint64_t i = 0; i < 5000; ++i) {
    bytes += FormatOracleGeneralRecord({0, i * i % 701, static_cast<uint32_t>(1 + i * i % 701 * 37 % 100), -1});
  }
  return bytes;
}

TEST(EvictionCommandTest, CompressedTracesGiveTheSameMisses) {
  const std::string records = ManyRecords();
  const auto misses = [](const std::string& path) { return Report(ForTrace(path, "oracle_general", "all"))["runs"]; };
  const Json expected = misses(Write("bin", records));
  EXPECT_EQ(expected.size(), 4 * SimulatedPolicies().size());
  EXPECT_EQ(misses(Write("bin.gz", Gzip(records))), expected);
  EXPECT_EQ(misses(Write("bin.zst", Zstd(records))), expected);
}

TEST(EvictionCommandTest, IsDeterministic) {
  const EvictionArguments arguments = ForTrace(Write("bin", ManyRecords()), "oracle_general", "all");
  EXPECT_EQ(Report(arguments), Report(arguments));
}

TEST(EvictionCommandTest, WritesCsv) {
  EvictionArguments arguments = ForTiny("fifo");
  arguments.capacity = "2";
  arguments.ignore_size = true;
  arguments.csv = Temporary("out.csv");
  EXPECT_EQ(RunEviction(arguments), ExitCode::kDone);
  EXPECT_EQ(ReadAll(arguments.csv),
            "policy,capacity,requests,misses,missed_bytes,miss_ratio,byte_miss_ratio\n"
            "fifo,2,6,4,70,0.666666667,0.700000000\n");
}

}  // namespace
}  // namespace slotwise
