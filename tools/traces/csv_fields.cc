// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/csv_fields.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace slotwise {
namespace {

constexpr std::string_view kSpace = " \t\r";

void TrimLeft(std::string_view* text) { text->remove_prefix(std::min(text->find_first_not_of(kSpace), text->size())); }

std::string_view Trimmed(std::string_view text) {
  TrimLeft(&text);
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

// Cuts a quoted field off `rest`, which begins with its quote, and the space behind it.
absl::Status TakeQuoted(std::string_view* rest, std::string* field) {
  rest->remove_prefix(1);
  for (;;) {
    const size_t quote = rest->find('"');
    if (quote == std::string_view::npos) return absl::InvalidArgumentError("a quote is opened and not closed");
    field->append(rest->substr(0, quote));
    rest->remove_prefix(quote + 1);
    if (!rest->starts_with('"')) break;
    field->push_back('"');
    rest->remove_prefix(1);
  }
  TrimLeft(rest);
  if (rest->empty() || rest->front() == ',') return absl::OkStatus();
  return absl::InvalidArgumentError("a quote is closed before the end of its field");
}

void TakePlain(std::string_view* rest, std::string* field) {
  const size_t size = std::min(rest->find(','), rest->size());
  field->assign(Trimmed(rest->substr(0, size)));
  rest->remove_prefix(size);
}

absl::Status TakeField(std::string_view* rest, std::string* field) {
  field->clear();
  TrimLeft(rest);
  if (rest->starts_with('"')) return TakeQuoted(rest, field);
  TakePlain(rest, field);
  return absl::OkStatus();
}

}  // namespace

absl::Status SplitCsvFields(std::string_view line, std::vector<std::string>* fields) {
  size_t count = 0;
  for (;;) {
    if (fields->size() == count) fields->emplace_back();
    if (absl::Status status = TakeField(&line, &(*fields)[count]); !status.ok()) return status;
    ++count;
    if (line.empty()) break;
    line.remove_prefix(1);
  }
  fields->resize(count);
  return absl::OkStatus();
}

std::string FormatCsvField(std::string_view field) {
  if (Trimmed(field) == field && field.find_first_of(",\"") == std::string_view::npos) return std::string(field);
  std::string quoted = "\"";
  for (const char c : field) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

}  // namespace slotwise
