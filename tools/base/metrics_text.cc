// SPDX-License-Identifier: Apache-2.0
#include "tools/base/metrics_text.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace slotwise {
namespace {

bool IsNameCharacter(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == ':'; }

bool Consume(std::string_view* text, char expected) {
  if (text->empty() || text->front() != expected) return false;
  text->remove_prefix(1);
  return true;
}

void SkipSpaces(std::string_view* text) {
  while (!text->empty() && (text->front() == ' ' || text->front() == '\t')) text->remove_prefix(1);
}

// Empty: there is none, a digit being no beginning of one.
std::string_view TakeName(std::string_view* text) {
  if (!text->empty() && absl::ascii_isdigit(static_cast<unsigned char>(text->front()))) return {};
  size_t length = 0;
  while (length < text->size() && IsNameCharacter((*text)[length])) ++length;
  const std::string_view name = text->substr(0, length);
  text->remove_prefix(length);
  return name;
}

// What is between quotes, with \\, \" and \n undone.
std::optional<std::string> TakeQuoted(std::string_view* text) {
  if (!Consume(text, '"')) return std::nullopt;
  std::string value;
  while (!text->empty()) {
    const char c = text->front();
    text->remove_prefix(1);
    if (c == '"') return value;
    if (c != '\\') {
      value.push_back(c);
      continue;
    }
    if (text->empty()) return std::nullopt;
    value.push_back(text->front() == 'n' ? '\n' : text->front());
    text->remove_prefix(1);
  }
  return std::nullopt;
}

bool TakeLabels(std::string_view* text, std::map<std::string, std::string>* labels) {
  if (!Consume(text, '{')) return true;
  while (!Consume(text, '}')) {
    SkipSpaces(text);
    const std::string name(TakeName(text));
    if (name.empty() || !Consume(text, '=')) return false;
    std::optional<std::string> value = TakeQuoted(text);
    if (!value.has_value()) return false;
    (*labels)[name] = *std::move(value);
    SkipSpaces(text);
    if (!Consume(text, ',') && !text->starts_with('}')) return false;
  }
  return true;
}

std::optional<MetricSample> ParseSample(std::string_view line) {
  MetricSample sample;
  sample.name = std::string(TakeName(&line));
  if (sample.name.empty() || !TakeLabels(&line, &sample.labels)) return std::nullopt;
  SkipSpaces(&line);
  const std::string_view number = line.substr(0, line.find_first_of(" \t"));
  if (!absl::SimpleAtod({number.data(), number.size()}, &sample.value)) return std::nullopt;
  return sample;
}

}  // namespace

absl::StatusOr<std::vector<MetricSample>> ParseMetricsText(std::string_view text) {
  std::vector<MetricSample> samples;
  uint64_t line_number = 0;
  for (const absl::string_view split : absl::StrSplit(absl::string_view(text.data(), text.size()), '\n')) {
    ++line_number;
    std::string_view line(split.data(), split.size());
    SkipSpaces(&line);
    if (line.empty() || line.front() == '#') continue;
    std::optional<MetricSample> sample = ParseSample(line);
    if (!sample.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("line ", line_number, ": no sample of Prometheus' text format"));
    }
    samples.push_back(*std::move(sample));
  }
  return samples;
}

}  // namespace slotwise
