// SPDX-License-Identifier: Apache-2.0
// Slotwise beside other ways to keep chunks, and beside the raw device, in one run on
// one disk.
//
//   compare_peers --folder /var/tmp --data 2G --rounds 5
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "rawblock/store/output_file.h"
#include "tools/base/byte_size.h"
#include "tools/base/command_line.h"
#include "tools/base/exit_code.h"
#include "tools/base/memory_limit.h"
#include "tools/base/progress_bar.h"
#include "tools/bench/peers/comparison.h"
#include "tools/bench/peers/comparison_report.h"
#include "tools/bench/peers/peer_catalog.h"

namespace slotwise {
namespace {

// As typed on the command line.
struct CompareArguments {
  std::string folder;
  std::string data = "512M";
  std::string batch = "16M";
  std::vector<std::string> payloads = {"64K", "512K", "4M"};
  std::vector<int> threads = {1, 2};
  std::vector<std::string> peers;
  int workers = 4;
  int rounds = 3;
  std::string json;
};

absl::StatusOr<PeerEntry> FindPeer(const std::string& name) {
  std::string names;
  for (const PeerEntry& peer : PeerCatalog()) {
    if (peer.name == name) return peer;
    absl::StrAppend(&names, " ", absl::string_view(peer.name.data(), peer.name.size()));
  }
  return absl::InvalidArgumentError(absl::StrCat("--peers ", name, " is none of", names));
}

// The raw device always, which the others are measured by.
absl::StatusOr<std::vector<PeerEntry>> ChoosePeers(const std::vector<std::string>& names) {
  const std::span<const PeerEntry> all = PeerCatalog();
  if (names.empty()) return std::vector<PeerEntry>(all.begin(), all.end());
  std::vector<PeerEntry> peers = {all.front()};
  for (const std::string& name : names) {
    const absl::StatusOr<PeerEntry> peer = FindPeer(name);
    if (!peer.ok()) return peer.status();
    if (peer->name != all.front().name) peers.push_back(*peer);
  }
  return peers;
}

absl::StatusOr<std::vector<uint64_t>> ParseByteSizes(const std::vector<std::string>& texts) {
  std::vector<uint64_t> sizes;
  for (const std::string& text : texts) {
    const absl::StatusOr<uint64_t> size = ParseByteSize(text);
    if (!size.ok()) return size.status();
    sizes.push_back(*size);
  }
  return sizes;
}

// The payloads of a batch, and of every payload the key, twice.
absl::Status CheckMemoryTaken(const ComparisonOptions& options) {
  constexpr uint64_t kKeyBytes = 256;
  const auto submitters = static_cast<uint64_t>(*std::ranges::max_element(options.submitters));
  const uint64_t smallest = *std::ranges::min_element(options.payload_bytes);
  absl::Status status = CheckMemory(absl::StrCat("--batch ", options.batch_bytes), submitters, options.batch_bytes);
  status.Update(CheckMemory(absl::StrCat("--data ", options.data_bytes), options.data_bytes / smallest, kKeyBytes));
  return status;
}

absl::StatusOr<ComparisonOptions> MakeOptions(const CompareArguments& arguments) {
  const absl::StatusOr<std::vector<PeerEntry>> peers = ChoosePeers(arguments.peers);
  if (!peers.ok()) return peers.status();
  const absl::StatusOr<std::vector<uint64_t>> payloads = ParseByteSizes(arguments.payloads);
  if (!payloads.ok()) return payloads.status();
  const absl::StatusOr<std::vector<uint64_t>> sizes = ParseByteSizes({arguments.data, arguments.batch});
  if (!sizes.ok()) return sizes.status();
  ComparisonOptions options{.folder = arguments.folder,
                            .data_bytes = (*sizes)[0],
                            .batch_bytes = (*sizes)[1],
                            .payload_bytes = *payloads,
                            .submitters = arguments.threads,
                            .workers = arguments.workers,
                            .rounds = arguments.rounds,
                            .peers = *peers};
  if (absl::Status valid = Validate(options); !valid.ok()) return valid;
  if (absl::Status memory = CheckMemoryTaken(options); !memory.ok()) return memory;
  return options;
}

absl::StatusOr<std::vector<ComparisonCell>> CompareWithProgress(const ComparisonOptions& options) {
  ProgressBar bar(stderr, "comparing", "rounds", CountRounds(options));
  return Compare(options, [&bar](uint64_t done) { bar.Update(done, absl::Now()); });
}

absl::Status Run(const CompareArguments& arguments) {
  const absl::StatusOr<ComparisonOptions> options = MakeOptions(arguments);
  if (!options.ok()) return options.status();
  if (absl::Status writable = CheckOutputFiles({arguments.json}, {}); !writable.ok()) return writable;
  const absl::StatusOr<std::vector<ComparisonCell>> cells = CompareWithProgress(*options);
  if (!cells.ok()) return cells.status();
  std::cout << FormatComparisonTable(*options, *cells) << std::flush;
  if (arguments.json.empty()) return absl::OkStatus();
  return WriteOutputFile(arguments.json, FormatComparisonJson(*options, *cells));
}

int Main(int argc, char** argv) {
  CompareArguments arguments;
  CLI::App app("Compares stores of chunks, and the raw device, on one disk", "compare_peers");
  app.add_option("--folder", arguments.folder, "On the disk; a new folder in it holds the data, and is removed")
      ->required();
  app.add_option("--data", arguments.data,
                 "Of each round; the devices beside it take half as much again for each "
                 "thread")
      ->capture_default_str();
  app.add_option("--batch", arguments.batch, "What a thread puts or gets at a time")->capture_default_str();
  app.add_option("--payloads", arguments.payloads, "Sizes")->delimiter(',')->capture_default_str();
  app.add_option("--threads", arguments.threads, "That put and get at once")
      ->delimiter(',')
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--peers", arguments.peers, "Beside the raw device; all if left out")->delimiter(',');
  app.add_option("--workers", arguments.workers, "Threads of peers whose calls block")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--rounds", arguments.rounds, "Of which the medians are shown")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--json", arguments.json, "Write the figures to this file");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  const absl::Status status = Run(arguments);
  return static_cast<int>(status.ok() ? ExitCode::kDone : Fail(status));
}

}  // namespace
}  // namespace slotwise

int main(int argc, char** argv) { return slotwise::RunMain(argc, argv, &slotwise::Main); }
