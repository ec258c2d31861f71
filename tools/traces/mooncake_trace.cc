// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/mooncake_trace.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nlohmann/json.hpp"
#include "tools/traces/trace_file.h"

namespace slotwise {
namespace {

using Json = nlohmann::json;

// Only numbers are printed: dump() recurses into whatever else the line holds.
std::string Describe(const Json& value) {
  return value.is_number() ? value.dump() : absl::StrCat("of type ", value.type_name());
}

// The member `name` of `object`, a whole number in [min, max].
absl::StatusOr<uint64_t> Number(const Json& object, const char* name, uint64_t min, uint64_t max) {
  const auto found = object.find(name);
  if (found != object.end() && found->is_number_unsigned()) {
    const uint64_t value = found->get<uint64_t>();
    if (value >= min && value <= max) return value;
  }
  return absl::InvalidArgumentError(absl::StrCat("\"", name, "\" must be a whole number from ", min, " to ", max,
                                                 ", not ", found == object.end() ? "missing" : Describe(*found)));
}

// The member "hash_ids": `count` whole numbers.
absl::StatusOr<std::vector<uint64_t>> HashIds(const Json& object, uint64_t count) {
  const auto found = object.find("hash_ids");
  if (found == object.end() || !found->is_array() || found->size() != count) {
    const std::string has = found != object.end() && found->is_array() ? absl::StrCat(", not of ", found->size()) : "";
    return absl::InvalidArgumentError(
        absl::StrCat("\"hash_ids\" must be an array of ", count, " ids, one per 512 tokens of input_length", has));
  }
  std::vector<uint64_t> ids;
  ids.reserve(count);
  for (const Json& id : *found) {
    if (!id.is_number_unsigned()) return absl::InvalidArgumentError("\"hash_ids\" must hold whole numbers only");
    ids.push_back(id.get<uint64_t>());
  }
  return ids;
}

}  // namespace

absl::StatusOr<TraceRequest> ParseMooncakeRequest(std::string_view line) {
  const Json object = Json::parse(line, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return absl::InvalidArgumentError("must be one JSON object with timestamp, input_length, output_length, hash_ids");
  }
  const auto timestamp = Number(object, "timestamp", 0, kTraceTimestampMax);
  if (!timestamp.ok()) return timestamp.status();
  const auto input_length = Number(object, "input_length", 1, kTraceTokensMax);
  if (!input_length.ok()) return input_length.status();
  const auto output_length = Number(object, "output_length", 0, kTraceTokensMax);
  if (!output_length.ok()) return output_length.status();
  auto hash_ids = HashIds(object, (*input_length + kTraceBlockTokens - 1) / kTraceBlockTokens);
  if (!hash_ids.ok()) return hash_ids.status();
  return TraceRequest{*timestamp, static_cast<uint32_t>(*input_length), static_cast<uint32_t>(*output_length),
                      *std::move(hash_ids)};
}

std::string FormatMooncakeRequest(const TraceRequest& request) {
  return absl::StrCat("{\"timestamp\": ", request.timestamp_ms, ", \"input_length\": ", request.input_length,
                      ", \"output_length\": ", request.output_length, ", \"hash_ids\": [",
                      absl::StrJoin(request.hash_ids, ", "), "]}");
}

absl::StatusOr<std::optional<TraceRequest>> MooncakeTraceReader::Next() {
  const absl::StatusOr<std::optional<std::string_view>> line = lines_.Next();
  if (!line.ok()) return line.status();
  if (!*line) return std::nullopt;
  absl::StatusOr<TraceRequest> request = ParseMooncakeRequest(**line);
  if (!request.ok()) return absl::InvalidArgumentError(absl::StrCat(lines_.Where(), request.status().message()));
  return *std::move(request);
}

absl::StatusOr<std::vector<TraceRequest>> ReadMooncakeTrace(const std::string& path, uint64_t requests_max) {
  const absl::StatusOr<std::unique_ptr<ByteSource>> file = OpenTraceFile(path);
  if (!file.ok()) return file.status();
  MooncakeTraceReader reader(file->get(), path);
  std::vector<TraceRequest> requests;
  while (requests.size() < requests_max) {
    absl::StatusOr<std::optional<TraceRequest>> request = reader.Next();
    if (!request.ok()) return request.status();
    if (!*request) break;
    requests.push_back(**std::move(request));
  }
  if (requests.empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": holds no request"));
  return requests;
}

}  // namespace slotwise
