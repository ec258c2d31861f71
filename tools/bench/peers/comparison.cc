// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/comparison.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/system/errno_status.h"
#include "tools/bench/peers/chunk_set.h"
#include "tools/bench/peers/peer.h"
#include "tools/bench/peers/prewritten_file.h"

namespace slotwise {
namespace {

// For what a store keeps beside its payloads.
constexpr uint64_t kDeviceSlackBytes = uint64_t{64} << 20;

// A new folder that goes with everything in it.
class ScratchFolder {
 public:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  ~ScratchFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
    LOG_IF(WARNING, error.operator bool()) << "cannot remove " << path_ << ": " << error.message();
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

absl::StatusOr<std::string> MakeFolder(std::string path_template) {
  if (::mkdtemp(path_template.data()) != nullptr) return path_template;
  return ErrnoStatus(errno, absl::StrCat("cannot make ", path_template));
}

uint64_t DeviceBytes(const ComparisonOptions& options) {
  constexpr uint64_t kUnit = 1 << 20;
  return (options.data_bytes * 5 / 4 + kDeviceSlackBytes) / kUnit * kUnit;
}

absl::StatusOr<std::vector<std::string>> WriteDevices(const ComparisonOptions& options, const std::string& folder) {
  std::vector<std::string> devices;
  const int count = *std::ranges::max_element(options.submitters);
  for (int i = 0; i < count; ++i) {
    devices.push_back(absl::StrCat(folder, "/device", i));
    absl::Status written = WritePrewrittenFile(devices.back(), DeviceBytes(options));
    if (!written.ok()) return written;
  }
  return devices;
}

ChunkSetOptions ChunkOptions(const ComparisonOptions& options, uint64_t payload_bytes, int submitters) {
  return {.payload_bytes = payload_bytes,
          .payloads = options.data_bytes / payload_bytes / static_cast<uint64_t>(submitters),
          .batch = options.batch_bytes / payload_bytes,
          .submitters = submitters};
}

// Measures the peers of one cell.
class CellRun {
 public:
  CellRun(const ComparisonOptions& options, const std::string& folder, const ChunkSetOptions& chunk_options,
          std::span<const std::string> devices)
      : options_(options), folder_(folder), chunk_options_(chunk_options), chunks_(chunk_options) {
    const auto submitters = static_cast<size_t>(chunk_options.submitters);
    peer_options_ = {.devices = {devices.begin(), devices.begin() + chunk_options.submitters},
                     .payload_bytes = chunk_options.payload_bytes,
                     .payloads = chunk_options.payloads * submitters,
                     .submitters = chunk_options.submitters,
                     .workers = options.workers,
                     .memory = chunks_.memory()};
  }

  absl::StatusOr<ComparisonCell> Run(absl::FunctionRef<void()> done) {
    ComparisonCell cell{.payload_bytes = chunk_options_.payload_bytes,
                        .submitters = chunk_options_.submitters,
                        .bytes = peer_options_.payloads * peer_options_.payload_bytes};
    for (const PeerEntry& entry : options_.peers) cell.peers.push_back({.peer = entry});
    for (int round = 0; round < options_.rounds; ++round) {
      for (PeerCosts& costs : cell.peers) {
        absl::StatusOr<RoundCost> cost = RunOne(costs.peer);
        if (!cost.ok()) return cost.status();
        costs.rounds.push_back(*cost);
        done();
      }
    }
    return cell;
  }

 private:
  absl::StatusOr<RoundCost> RunOne(const PeerEntry& entry) {
    absl::StatusOr<std::string> made = MakeFolder(folder_ + "/peer.XXXXXX");
    if (!made.ok()) return made.status();
    const ScratchFolder folder(*std::move(made));
    peer_options_.folder = folder.path();
    return RunRound(entry, peer_options_, &chunks_);
  }

  const ComparisonOptions& options_;
  const std::string& folder_;
  const ChunkSetOptions chunk_options_;
  ChunkSet chunks_;
  PeerOptions peer_options_;
};

}  // namespace

absl::Status Validate(const ComparisonOptions& options) {
  if (options.peers.empty() || options.payload_bytes.empty() || options.submitters.empty() || options.rounds < 1) {
    return absl::InvalidArgumentError("nothing to compare");
  }
  if (options.workers < 1) return absl::InvalidArgumentError("peers need a worker");
  for (const uint64_t bytes : options.payload_bytes) {
    if (bytes != 0 && bytes % kPayloadAlignment == 0 && bytes <= options.batch_bytes) continue;
    return absl::InvalidArgumentError(absl::StrCat("payloads of ", bytes, " bytes must be a multiple of ",
                                                   kPayloadAlignment, " and at most a batch of ", options.batch_bytes));
  }
  for (const int submitters : options.submitters) {
    if (submitters > 0 && options.data_bytes / static_cast<uint64_t>(submitters) >= options.batch_bytes) continue;
    return absl::InvalidArgumentError(absl::StrCat(options.data_bytes, " bytes are less than a batch of ",
                                                   options.batch_bytes, " for each of ", submitters, " threads"));
  }
  return absl::OkStatus();
}

uint64_t CountRounds(const ComparisonOptions& options) {
  return options.payload_bytes.size() * options.submitters.size() * options.peers.size() *
         static_cast<uint64_t>(options.rounds);
}

absl::StatusOr<std::vector<ComparisonCell>> Compare(const ComparisonOptions& options,
                                                    absl::FunctionRef<void(uint64_t)> done) {
  absl::StatusOr<std::string> made = MakeFolder(options.folder + "/compare_peers.XXXXXX");
  if (!made.ok()) return made.status();
  const ScratchFolder folder(*std::move(made));
  const absl::StatusOr<std::vector<std::string>> devices = WriteDevices(options, folder.path());
  if (!devices.ok()) return devices.status();
  uint64_t rounds = 0;
  std::vector<ComparisonCell> cells;
  for (const uint64_t payload_bytes : options.payload_bytes) {
    for (const int submitters : options.submitters) {
      CellRun run(options, folder.path(), ChunkOptions(options, payload_bytes, submitters), *devices);
      absl::StatusOr<ComparisonCell> cell = run.Run([&] { done(++rounds); });
      if (!cell.ok()) return cell.status();
      cells.push_back(*std::move(cell));
    }
  }
  return cells;
}

}  // namespace slotwise
