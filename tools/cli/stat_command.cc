// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/stat_command.h"

#include <iostream>
#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "slotwise/operation_stage.h"
#include "tools/base/byte_size.h"
#include "tools/base/input_file.h"
#include "tools/base/number_text.h"
#include "tools/base/text_table.h"

namespace slotwise {
namespace {

constexpr char kPrefix[] = "slotwise_";
constexpr uint64_t kMetricsBytesMax = 64 << 20;  // a store of one device writes 26 KB

// The numbers of one device, by name; those of a stage as "stage_seconds_sum get".
using Numbers = std::map<std::string, double>;
// By device.
using Devices = std::map<std::string, Numbers>;

std::string LabelOf(const MetricSample& sample, const char* label) {
  const auto it = sample.labels.find(label);
  return it == sample.labels.end() ? "" : it->second;
}

absl::StatusOr<Devices> DevicesOf(const std::vector<MetricSample>& samples) {
  Devices devices;
  for (const MetricSample& sample : samples) {
    if (!absl::StartsWith(sample.name, kPrefix) || absl::EndsWith(sample.name, "_bucket")) continue;
    const std::string stage = LabelOf(sample, "stage");
    const std::string name = sample.name.substr(sizeof(kPrefix) - 1);
    devices[LabelOf(sample, "device")][stage.empty() ? name : absl::StrCat(name, " ", stage)] = sample.value;
  }
  if (devices.empty()) return absl::InvalidArgumentError("there are no metrics of a store in it");
  return devices;
}

double NumberOf(const Numbers& numbers, const std::string& name) {
  const auto it = numbers.find(name);
  return it == numbers.end() ? 0 : it->second;
}

bool IsBytes(const std::string& name) { return absl::StrContains(name, "bytes"); }

std::string AmountText(const std::string& name, double amount) {
  if (!(amount >= 0 && amount < 0x1p63)) return "?";
  if (IsBytes(name)) return FormatByteSize(static_cast<uint64_t>(amount));
  return CountText(static_cast<uint64_t>(amount));
}

// A header, and a row of `cell(device, name)` for each name.
template <typename Cell>
std::string Table(const Devices& devices, const std::vector<std::string>& names, Cell cell) {
  TextTable table;
  std::vector<std::string> header = {"device"};
  for (const auto& [device, numbers] : devices) header.push_back(device);
  table.AddRow(std::move(header));
  for (const std::string& name : names) {
    std::vector<std::string> row = {name};
    for (const auto& [device, numbers] : devices) row.push_back(cell(device, name));
    table.AddRow(std::move(row));
  }
  return table.ToString();
}

std::vector<std::string> NamesWhere(const Devices& devices, bool (*wanted)(const std::string& name)) {
  std::set<std::string> names;
  for (const auto& [device, numbers] : devices) {
    for (const auto& [name, number] : numbers) {
      if (wanted(name)) names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

bool IsStage(const std::string& name) { return absl::StartsWith(name, "stage_seconds"); }
bool IsPlain(const std::string& name) { return !IsStage(name); }
bool IsCounter(const std::string& name) { return absl::EndsWith(name, "_total"); }

// A counter that went back started again.
double Increase(const Devices& before, const std::string& device, const std::string& name, double now) {
  const auto it = before.find(device);
  const double then = it == before.end() ? 0 : NumberOf(it->second, name);
  return now < then ? now : now - then;
}

std::string StageText(const Devices& before, const std::string& device, const Numbers& now, const std::string& stage) {
  const std::string count = absl::StrCat("stage_seconds_count ", stage);
  const std::string sum = absl::StrCat("stage_seconds_sum ", stage);
  const double times = Increase(before, device, count, NumberOf(now, count));
  if (times == 0) return "-";
  return absl::StrCat(FixedText(Increase(before, device, sum, NumberOf(now, sum)) / times * 1e3, 3), " ms");
}

absl::StatusOr<std::vector<MetricSample>> ReadMetrics(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadInputFile(path, kMetricsBytesMax);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::vector<MetricSample>> samples = ParseMetricsText(*text);
  if (samples.ok()) return samples;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", samples.status().message()));
}

absl::Status Print(const StatArguments& arguments, const absl::StatusOr<std::string>& text) {
  if (!text.ok()) return absl::InvalidArgumentError(absl::StrCat(arguments.file, ": ", text.status().message()));
  std::cout << *text << std::flush;
  return absl::OkStatus();
}

absl::Status PrintRates(const StatArguments& arguments, const std::vector<MetricSample>& before) {
  absl::SleepFor(absl::Seconds(arguments.interval_seconds));
  const absl::StatusOr<std::vector<MetricSample>> after = ReadMetrics(arguments.file);
  if (!after.ok()) return after.status();
  std::cout << "\nper second, over " << ShortText(arguments.interval_seconds) << " s\n";
  return Print(arguments, DescribeRates(before, *after, arguments.interval_seconds));
}

absl::Status Stat(const StatArguments& arguments) {
  const absl::StatusOr<std::vector<MetricSample>> samples = ReadMetrics(arguments.file);
  if (!samples.ok()) return samples.status();
  absl::Status printed = Print(arguments, DescribeMetrics(*samples));
  if (!printed.ok() || arguments.interval_seconds == 0) return printed;
  return PrintRates(arguments, *samples);
}

}  // namespace

absl::StatusOr<std::string> DescribeMetrics(const std::vector<MetricSample>& samples) {
  const absl::StatusOr<Devices> devices = DevicesOf(samples);
  if (!devices.ok()) return devices.status();
  return Table(*devices, NamesWhere(*devices, IsPlain), [&](const std::string& device, const std::string& name) {
    return AmountText(name, NumberOf(devices->at(device), name));
  });
}

absl::StatusOr<std::string> DescribeRates(const std::vector<MetricSample>& before,
                                          const std::vector<MetricSample>& after, double seconds) {
  const absl::StatusOr<Devices> then = DevicesOf(before);
  if (!then.ok()) return then.status();
  const absl::StatusOr<Devices> now = DevicesOf(after);
  if (!now.ok()) return now.status();
  const std::string counters =
      Table(*now, NamesWhere(*now, IsCounter), [&](const std::string& device, const std::string& name) {
        return AmountText(name, Increase(*then, device, name, NumberOf(now->at(device), name)) / seconds);
      });
  const std::vector<std::string> stages(kOperationStageNames.begin(), kOperationStageNames.end());
  return absl::StrCat(counters, "\nmean time in each stage\n",
                      Table(*now, stages, [&](const std::string& device, const std::string& stage) {
                        return StageText(*then, device, now->at(device), stage);
                      }));
}

ExitCode RunStat(const StatArguments& arguments) {
  const absl::Status status = Stat(arguments);
  return status.ok() ? ExitCode::kDone : Fail(status);
}

}  // namespace slotwise
