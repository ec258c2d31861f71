// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/check_command.h"

#include <cstdint>
#include <cstdio>
#include <iostream>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "iouring/open_device.h"
#include "nlohmann/json.hpp"
#include "tools/base/byte_size.h"
#include "tools/base/progress_bar.h"

namespace slotwise {
namespace {

constexpr int kQueueDepth = 32;

std::string FormatJson(const std::string& device, const StoreCheckReport& report) {
  auto keys_bad = nlohmann::ordered_json::array();
  for (const std::string& key : report.keys_bad) keys_bad.push_back(absl::CHexEscape(key));
  const RecoveryReport& recovery = report.recovery;
  const nlohmann::ordered_json json = {
      {"device", device},
      {"ok", report.ok()},
      {"repaired", report.repaired},
      {"entries", report.entries},
      {"payload_bytes", report.payload_bytes},
      {"payloads_verified", report.payloads_verified},
      {"superblock_copies_bad", recovery.superblock_copies_bad},
      {"checkpoint_sequence", recovery.checkpoint_sequence},
      {"checkpoint_records", recovery.checkpoint_records},
      {"journal_groups", recovery.journal_groups},
      {"journal_records", recovery.journal_records},
      {"journal_groups_cut", recovery.journal_groups_cut},
      {"entries_dropped", recovery.entries_dropped},
      {"keys_bad", keys_bad},
      {"problems", report.problems},
  };
  return json.dump(/*indent=*/2, ' ', /*ensure_ascii=*/false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string Verdict(const StoreCheckReport& report) {
  if (report.ok()) return "all is well";
  return report.repaired ? "was damaged and is repaired" : "damaged; --repair drops what is bad";
}

std::string FormatText(const std::string& device, const StoreCheckReport& report) {
  const RecoveryReport& recovery = report.recovery;
  std::string text = absl::StrCat(device, ": ", report.entries, " entries, ", FormatByteSize(report.payload_bytes),
                                  ": ", Verdict(report), "\n", "checkpoint ", recovery.checkpoint_sequence, " with ",
                                  recovery.checkpoint_records, " entries, then ", recovery.journal_records,
                                  " journal records in ", recovery.journal_groups, " groups",
                                  recovery.journal_groups_cut > 0 ? ", the last one cut short by a crash" : "", "\n");
  if (report.payloads_verified > 0) absl::StrAppend(&text, report.payloads_verified, " payloads verified\n");
  for (const std::string& problem : report.problems) absl::StrAppend(&text, problem, "\n");
  return text;
}

absl::StatusOr<StoreCheckReport> Check(const CheckArguments& arguments) {
  const bool read_only = !arguments.check.repair;
  const absl::StatusOr<OpenedDevice> opened = OpenDevice(
      arguments.device, {.file = {.read_only = read_only, .buffered = arguments.buffered}, .queue_depth = kQueueDepth});
  if (!opened.ok()) return opened.status();
  std::optional<ProgressBar> progress;
  absl::StatusOr<StoreCheckReport> report =
      CheckStore(opened->device.get(), arguments.check, [&progress](uint64_t done, uint64_t total) {
        if (!progress.has_value()) progress.emplace(stderr, "check", "payloads", total);
        progress->Update(done, absl::Now());
      });
  if (report.ok()) return report;
  return absl::Status(report.status().code(), absl::StrCat(arguments.device, ": ", report.status().message()));
}

}  // namespace

ExitCode RunCheck(const CheckArguments& arguments) {
  const absl::StatusOr<StoreCheckReport> report = Check(arguments);
  if (!report.ok()) return Fail(report.status());
  std::cout << (arguments.json ? FormatJson(arguments.device, *report) : FormatText(arguments.device, *report));
  return report->ok() || report->repaired ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace slotwise
