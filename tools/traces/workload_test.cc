// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/workload.h"

#include <fstream>
#include <string>

#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "tools/traces/mooncake_trace.h"
#include "tools/traces/trace_request.h"

namespace slotwise {
namespace {

TEST(WorkloadTest, AGeneratedTraceIsTheFileThatWouldHoldIt) {
  const Workload generated = GenerateWorkload(/*seed=*/3, /*requests=*/50);
  const std::string path = testing::TempDir() + "/workload_test.jsonl";
  std::ofstream out(path);
  for (const TraceRequest& request : generated.requests) out << FormatMooncakeRequest(request) << "\n";
  out.close();
  const absl::StatusOr<Workload> read = ReadWorkload(path, 0);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->requests, generated.requests);
  EXPECT_EQ(read->sha256, generated.sha256);
  EXPECT_EQ(read->source, path);
  EXPECT_EQ(ReadWorkload(path, 7)->requests.size(), 7u);
}

TEST(WorkloadTest, WithoutANumberAsManyAsThePublicTraceHas) {
  EXPECT_EQ(GenerateWorkload(1, 0).requests.size(), 12'031u);
}

TEST(WorkloadTest, AMissingTraceIsAnError) { EXPECT_FALSE(ReadWorkload("/nonexistent", 0).ok()); }

}  // namespace
}  // namespace slotwise
