// SPDX-License-Identifier: Apache-2.0
// Runs simulations, one seed after the other, until one diverges. The seed at
// work stands on standard error, should the core die of a CHECK.
#include <cstdint>
#include <cstdio>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "tests/simulation/simulation.h"

namespace slotwise {
namespace {

struct Arguments {
  uint64_t seed = 1;
  uint64_t runs = 100;
  double minutes = 0;
  uint64_t operations = 1000;
  bool verbose = false;
};

void Print(const SimulationCounts& counts, uint64_t runs, absl::Duration took) {
  const LossCounts& losses = counts.losses;
  std::printf(
      "%s\n",
      absl::StrCat(runs, " runs, ", counts.operations, " operations in ", absl::FormatDuration(took), ": ",
                   counts.stored, " stored, ", counts.refused, " refused, ", counts.hits, " hits, ", counts.misses,
                   " misses, ", counts.evictions, " evictions, ", counts.checkpoints, " checkpoints, ",
                   counts.journal_laps, " journal laps, ", counts.io_events, " I/O events\n", counts.restarts,
                   " restarts, ", counts.power_cuts, " of them power cuts, ", counts.kills, " kills, ",
                   counts.late_writes, " writes landed after one; ", counts.forks,
                   " more power cuts tried beside the runs, ", counts.forks_in_recovery, " of them in recovery\n",
                   counts.faults, " faults, ", counts.passing_faults, " more that passed; ", counts.read_only,
                   " sessions ended read-only; lost, all explained: ", losses.payloads_damaged,
                   " payloads (their sectors), ", losses.entries_metadata, " entries and ", losses.entries_rolled_back,
                   " rolled back (metadata), ", losses.stores_metadata, " stores (metadata); unexplained: none")
          .c_str());
}

// Runs one seed; whether all was well.
bool RunSeed(const Arguments& arguments, uint64_t seed, SimulationCounts* counts) {
  Simulation simulation({.seed = seed, .operations = arguments.operations});
  if (arguments.verbose)
    std::printf("seed %s: %s\n", absl::StrCat(seed).c_str(), simulation.profile().Description().c_str());
  std::fprintf(stderr, "\rseed %s ", absl::StrCat(seed).c_str());
  const absl::Status status = simulation.Run();
  std::fputs("\r", stderr);
  counts->Add(simulation.counts());
  if (status.ok()) return true;
  std::printf("DIVERGENCE: %s\n  %s\n  replay: bazel run //tests/simulation -- --seed=%s --runs=1 --operations=%s\n",
              std::string(status.message()).c_str(), simulation.profile().Description().c_str(),
              absl::StrCat(seed).c_str(), absl::StrCat(arguments.operations).c_str());
  return false;
}

bool RunAll(const Arguments& arguments) {
  const absl::Time began = absl::Now();
  const absl::Time end = began + absl::Minutes(arguments.minutes);
  SimulationCounts counts;
  uint64_t runs = 0;
  while (arguments.minutes > 0 ? absl::Now() < end : runs < arguments.runs) {
    if (!RunSeed(arguments, arguments.seed + runs, &counts)) return false;
    ++runs;
  }
  Print(counts, runs, absl::Now() - began);
  return true;
}

int Main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Random operations, faults and power cuts on a simulated disk; exit code 1 on a divergence",
               "simulation");
  app.add_option("--seed", arguments.seed, "Of the first run; each run has the next one")->capture_default_str();
  app.add_option("--runs", arguments.runs, "How many runs")->capture_default_str();
  app.add_option("--minutes", arguments.minutes, "Go on for so long, whatever --runs says");
  app.add_option("--operations", arguments.operations, "Of each run; up to 100: power cuts at every I/O event")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 32))
      ->capture_default_str();
  app.add_flag("--verbose", arguments.verbose, "Say what each seed stands for");
  CLI11_PARSE(app, argc, argv);
  return RunAll(arguments) ? 0 : 1;
}

}  // namespace
}  // namespace slotwise

int main(int argc, char** argv) {
  FLAGS_minloglevel = google::GLOG_FATAL;  // read-only stores are part of the game
  google::InitGoogleLogging(argv[0]);
  return slotwise::Main(argc, argv);
}
