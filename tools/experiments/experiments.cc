// SPDX-License-Identifier: Apache-2.0
// Experiments on traces, in simulated time; no store is touched.
#include <cstdint>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "rawblock/eviction/eviction_policies.h"
#include "tools/base/command_line.h"
#include "tools/base/exit_code.h"
#include "tools/experiments/capacity_command.h"
#include "tools/experiments/eviction_command.h"
#include "tools/experiments/scenario.h"

namespace slotwise {
namespace {

std::string ScenarioHelp() { return absl::StrCat(absl::StrJoin(ScenarioNames(), ", "), ", or a model's name"); }

CLI::App* AddEviction(CLI::App* app, EvictionArguments* arguments) {
  CLI::App* command = app->add_subcommand("eviction", "Count the misses of each eviction policy on a trace");
  command->footer(EvictionPolicyHelp());
  command->add_option("--trace", arguments->trace, "The trace; gzip and zstd are undone")->required();
  command->add_option("--trace_format", arguments->trace_format, "mooncake, oracle_general or csv")
      ->capture_default_str();
  command->add_option("--policy", arguments->policy, "all, or names separated by commas: policies below, and belady")
      ->capture_default_str();
  CLI::Option* capacity = command->add_option("--capacity", arguments->capacity,
                                              "Bytes of the cache, 64M,1G; or objects with --ignore_size");
  command
      ->add_option("--capacity_fraction", arguments->capacity_fraction,
                   "The same as fractions of the working set; 0.01,0.03,0.1,0.3 if both are left out")
      ->excludes(capacity);
  command->add_flag("--ignore_size", arguments->ignore_size, "Count objects, not bytes");
  command->add_option("--model", arguments->model, "mooncake: model whose KV cache is stored")->capture_default_str();
  command->add_option("--compression", arguments->compression, "mooncake: shrink each payload by MEAN[,SPREAD]")
      ->capture_default_str();
  command->add_flag("--save_partial", arguments->save_partial, "mooncake: also the partial chunk that ends a prompt");
  command->add_option("--seed", arguments->seed, "mooncake: of how well each payload is compressed")
      ->check(CLI::Range(uint64_t{0}, uint64_t{1} << 62))
      ->capture_default_str();
  command->add_option("--requests", arguments->requests, "Lines, or records, of the trace to read; all if left out")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40));
  command->add_option("--json", arguments->json,
                      "Write the report to this file; tools/experiments/report.py makes a page of it");
  command->add_option("--csv", arguments->csv, "Write the runs to this file");
  return command;
}

CLI::App* AddCapacity(CLI::App* app, CapacityArguments* arguments) {
  CLI::App* command = app->add_subcommand("capacity", "Simulate what engines and capacities do to hits and space");
  command->footer(EvictionPolicyHelp());
  command->add_option("--trace", arguments->trace, "Mooncake JSONL; gzip and zstd are undone; generated if left out");
  command->add_option("--scenario", arguments->scenario, "all, or names separated by commas: " + ScenarioHelp())
      ->capture_default_str();
  command->add_option("--capacity_fraction", arguments->capacity_fraction, "Fractions of each working set")
      ->capture_default_str();
  command->add_option("--policy", arguments->policy, "What evicts, of the policies below but none")
      ->capture_default_str();
  command->add_option("--free_low", arguments->watermarks.low, "Below this much free the coldest go, whatever fits")
      ->capture_default_str();
  command->add_option("--free_high", arguments->watermarks.high, "So much of the capacity is kept free")
      ->capture_default_str();
  command->add_option("--seed", arguments->seed, "Of what is random")
      ->check(CLI::Range(uint64_t{0}, uint64_t{1} << 62))
      ->capture_default_str();
  command->add_option("--requests", arguments->requests, "Requests of the trace to play; all if left out")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40));
  command->add_option("--threads", arguments->threads, "Runs at once; one per core if left out")
      ->check(CLI::Range(1, 1024));
  command->add_option("--json", arguments->json,
                      "Write the report to this file; tools/experiments/report.py makes a page of it");
  command->add_option("--csv", arguments->csv, "Write the runs to this file");
  return command;
}

int Main(int argc, char** argv) {
  CapacityArguments capacity;
  EvictionArguments eviction;
  CLI::App app("Experiments with caches of LLM KV-cache chunks", "experiments");
  app.require_subcommand(1);
  ExitCode code = ExitCode::kDone;
  AddCapacity(&app, &capacity)->callback([&] { code = RunCapacity(capacity); });
  AddEviction(&app, &eviction)->callback([&] { code = RunEviction(eviction); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  return static_cast<int>(code);
}

}  // namespace
}  // namespace slotwise

int main(int argc, char** argv) { return slotwise::RunMain(argc, argv, &slotwise::Main); }
