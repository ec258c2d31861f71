// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glog/logging.h"
#include "tools/traces/cache_request.h"
#include "tools/traces/csv_fields.h"
#include "tools/traces/csv_trace.h"
#include "tools/traces/string_source.h"

namespace {

// Fields that can be read come back when they are written, whatever is in them.
void CheckFields(const std::string& text) {
  const std::string line = text.substr(0, text.find('\n'));
  std::vector<std::string> fields;
  if (!slotwise::SplitCsvFields(line, &fields).ok()) return;
  std::vector<std::string> again;
  const auto format = [](std::string* out, const std::string& field) { out->append(slotwise::FormatCsvField(field)); };
  CHECK(slotwise::SplitCsvFields(absl::StrJoin(fields, ",", format), &again).ok());
  CHECK(fields == again);
}

// Requests that can be read have a bounded size, and are the same with their numbers for ids.
void CheckTrace(const std::string& text) {
  slotwise::StringSource source(text);
  slotwise::CsvTraceReader reader(&source, "fuzz");
  for (;;) {
    const absl::StatusOr<std::optional<slotwise::CacheRequest>> next = reader.Next();
    if (!next.ok() || !*next) return;
    CHECK_LE((*next)->size, slotwise::kCsvSizeMax);
    slotwise::StringSource line(absl::StrCat("0,", (*next)->id, ",", (*next)->size));
    CHECK(slotwise::CsvTraceReader(&line, "fuzz").Next().value() == *next);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  CheckFields(text);
  CheckTrace(text);
  return 0;
}
