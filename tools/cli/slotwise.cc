// SPDX-License-Identifier: Apache-2.0
// The operator's command line.
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "glog/logging.h"
#include "iouring/device.h"
#include "rawblock/eviction/eviction_policies.h"
#include "tools/base/command_line.h"
#include "tools/base/exit_code.h"
#include "tools/cli/check_command.h"
#include "tools/cli/format_command.h"
#include "tools/cli/info_command.h"
#include "tools/cli/replay_command.h"
#include "tools/cli/stat_command.h"
#include "tools/stores/store_arguments.h"
#include "tools/traces/model_profile.h"

namespace slotwise {
namespace {

constexpr char kDevice[] = "Block device or regular file";
constexpr char kBuffered[] = "Go through the page cache, where there is no O_DIRECT";

std::string ModelHelp() {
  std::string help = "Model whose KV cache is stored:";
  for (const ModelProfile& profile : ModelProfiles()) help.append(" ").append(profile.name);
  return help;
}

void AddStoreOptions(CLI::App* command, StoreArguments* arguments) {
  command->add_option("--device", arguments->device, kDevice)->required();
  command->add_option("--capacity", arguments->capacity, "Bytes of the device to use, and of a new file: 64M, 1.5GiB");
  command->add_option("--model", arguments->model, ModelHelp())->capture_default_str();
  command->add_option("--scale", arguments->scale, "Shrink payloads to this fraction: 1/256")->capture_default_str();
  command->add_option("--compression", arguments->compression, "Shrink each payload by about this: MEAN[,SPREAD]")
      ->capture_default_str();
  command->add_flag("--buffered", arguments->buffered, kBuffered);
  command->add_flag("--force", arguments->force, "Format even over a store or other data");
}

CLI::App* AddFormat(CLI::App* app, StoreArguments* arguments) {
  CLI::App* command = app->add_subcommand("format", "Make an empty store that suits a model's payloads");
  AddStoreOptions(command, arguments);
  arguments->allocator = "extent";
  command->add_option("--allocator", arguments->allocator, "fixed, buddy, slab or extent")->capture_default_str();
  return command;
}

CLI::App* AddInfo(CLI::App* app, InfoArguments* arguments) {
  CLI::App* command = app->add_subcommand("info", "Say what a store is and what it holds");
  command->add_option("--device", arguments->device, kDevice)->required();
  command->add_flag("--json", arguments->json, "Report as JSON");
  command->add_flag("--buffered", arguments->buffered, kBuffered);
  return command;
}

CLI::App* AddCheck(CLI::App* app, CheckArguments* arguments) {
  CLI::App* command = app->add_subcommand("check", "Verify a store; exit code 1 if anything is wrong");
  command->add_option("--device", arguments->device, kDevice)->required();
  command->add_flag("--payloads", arguments->check.payloads, "Verify the checksum of every payload too");
  command->add_flag("--repair", arguments->check.repair, "Drop what is bad, and nothing else; verifies every payload");
  command->add_flag("--json", arguments->json, "Report as JSON");
  command->add_flag("--buffered", arguments->buffered, kBuffered);
  return command;
}

std::vector<std::string> PolicyNames() {
  std::vector<std::string> names;
  for (const EvictionPolicyRow& row : EvictionPolicies()) names.emplace_back(row.name);
  return names;
}

CLI::App* AddReplay(CLI::App* app, ReplayArguments* arguments) {
  CLI::App* command = app->add_subcommand("replay", "Play a trace through a store, verify and measure");
  command->footer(EvictionPolicyHelp());
  AddStoreOptions(command, &arguments->store);
  CLI::Option* allocator = command->add_option("--allocator", arguments->store.allocator,
                                               "fixed, buddy, slab or extent; the store's own, or extent, if left out");
  command->add_option("--compare", arguments->compare, "Run each of these on a fresh store: fixed,slab,extent")
      ->excludes(allocator);
  command->add_option("--policy", arguments->policy, "What to evict when full")
      ->check(CLI::IsMember(PolicyNames()))
      ->capture_default_str();
  command->add_option("--durability", arguments->durability, "When a put is acknowledged")
      ->check(CLI::IsMember({"batched", "durable"}))
      ->capture_default_str();
  command->add_option("--queue_depth", arguments->queue_depth, "Operations in flight")
      ->check(CLI::Range(1, kQueueDepthMax))
      ->capture_default_str();
  command->add_option("--trace", arguments->trace, "Mooncake JSONL, gzip and zstd are undone; generated if left out");
  command->add_option("--requests", arguments->requests, "Requests to play; all if left out")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40));
  command->add_option("--seed", arguments->seed, "Of what is random")
      ->check(CLI::Range(uint64_t{0}, uint64_t{1} << 62))
      ->capture_default_str();
  command->add_flag("--save_partial", arguments->save_partial, "Also store the partial chunk at the end of a prompt");
  command->add_option("--json", arguments->json, "Write the report to this file");
  return command;
}

CLI::App* AddStat(CLI::App* app, StatArguments* arguments) {
  CLI::App* command = app->add_subcommand("stat", "Say what a serving process wrote into its metrics file");
  command->add_option("file", arguments->file, "Metrics in Prometheus' text format")->required();
  command->add_option("--interval", arguments->interval_seconds, "Seconds until a second reading, for rates")
      ->check(CLI::Range(0.1, 86400.0));
  return command;
}

int Main(int argc, char** argv) {
  StoreArguments format;
  InfoArguments info;
  CheckArguments check;
  ReplayArguments replay;
  StatArguments stat;
  CLI::App app("Slotwise: LLM KV-cache chunks on raw block devices", "slotwise");
  app.require_subcommand(1);
  ExitCode code = ExitCode::kDone;
  AddFormat(&app, &format)->callback([&] { code = RunFormat(format); });
  AddInfo(&app, &info)->callback([&] { code = RunInfo(info); });
  AddCheck(&app, &check)->callback([&] { code = RunCheck(check); });
  AddReplay(&app, &replay)->callback([&] { code = RunReplay(replay); });
  AddStat(&app, &stat)->callback([&] { code = RunStat(stat); });
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
