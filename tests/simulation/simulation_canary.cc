// SPDX-License-Identifier: Apache-2.0
// Linked with a core that has a planted defect: the simulation must find it,
// from whatever seeds it starts.
#include <cstdint>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "gtest/gtest.h"
#include "tests/simulation/simulation.h"

namespace slotwise {
namespace {

constexpr uint64_t kBatches = 3;

struct Arguments {
  std::string caught;
  uint64_t seeds = 0;
  uint64_t operations = 0;
  bool forks = true;
};

// A broken core may also die of its own CHECKs, so that every end is a death.
void RunUntilCaught(const Arguments& arguments, uint64_t batch) {
  for (uint64_t run = 0; run < arguments.seeds; ++run) {
    const uint64_t seed = 1000 * batch + run;
    Simulation simulation({.seed = seed, .operations = arguments.operations, .forks = arguments.forks});
    const absl::Status status = simulation.Run();
    CHECK(status.ok()) << "caught with seed " << seed << ": " << status;
  }
  LOG(FATAL) << "the defect survived " << arguments.seeds << " runs";
}

class CanaryTest : public testing::Test {
 public:
  CanaryTest(const Arguments& arguments, uint64_t batch) : arguments_(arguments), batch_(batch) {}
  void TestBody() override { EXPECT_DEATH(RunUntilCaught(arguments_, batch_), arguments_.caught); }

 private:
  const Arguments arguments_;
  const uint64_t batch_;
};

void RegisterBatch(const Arguments& arguments, uint64_t batch) {
  testing::RegisterTest("SimulationCanaryTest", absl::StrCat("IsCaught/", batch).c_str(), nullptr, nullptr, __FILE__,
                        __LINE__, [=]() -> testing::Test* { return new CanaryTest(arguments, batch); });
}

int Main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  Arguments arguments;
  CLI::App app("Whether a planted defect is caught");
  app.add_option("--caught", arguments.caught, "What the report must match")->required();
  app.add_option("--seeds", arguments.seeds, "Runs in which it must be caught")->required();
  app.add_option("--operations", arguments.operations, "Of each run")->required();
  app.add_flag("--forks,!--no_forks", arguments.forks, "Whether power cuts are tried beside the runs");
  CLI11_PARSE(app, argc, argv);
  for (uint64_t batch = 1; batch <= kBatches; ++batch) RegisterBatch(arguments, batch);
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace slotwise

int main(int argc, char** argv) { return slotwise::Main(argc, argv); }
