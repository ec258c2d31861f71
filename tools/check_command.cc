// SPDX-License-Identifier: Apache-2.0
#include "tools/check_command.h"

#include <iostream>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "tools/byte_size.h"
#include "tools/read_only_store.h"
#include "tools/store_check.h"

namespace slotwise {
namespace {

std::string FormatJson(const std::string& device, const StoreCheck& check) {
  auto keys_bad = nlohmann::ordered_json::array();
  for (const std::string& key : check.keys_bad) keys_bad.push_back(absl::CHexEscape(key));
  const nlohmann::ordered_json report = {
      {"device", device},
      {"ok", check.ok()},
      {"entries", check.entries},
      {"payload_bytes", check.payload_bytes},
      {"superblock_copies_bad", check.superblock_copies_bad},
      {"entries_dropped", check.entries_dropped},
      {"keys_bad", keys_bad},
  };
  return report.dump(/*indent=*/2, ' ', /*ensure_ascii=*/false, nlohmann::ordered_json::error_handler_t::replace) +
         "\n";
}

std::string FormatText(const std::string& device, const StoreCheck& check) {
  std::string text = absl::StrCat(device, ": ", check.entries, " entries, ", FormatByteSize(check.payload_bytes),
                                  check.ok() ? ": all is well\n" : ": damaged\n");
  if (check.superblock_copies_bad > 0) {
    absl::StrAppend(&text, check.superblock_copies_bad, " bad superblock copies; the next replay rewrites them\n");
  }
  if (check.entries_dropped > 0) {
    absl::StrAppend(&text, check.entries_dropped, " entries claim space of others and are never served\n");
  }
  for (const std::string& key : check.keys_bad) {
    absl::StrAppend(&text, "damaged payload: ", absl::CHexEscape(key), "; its next get drops it\n");
  }
  return text;
}

}  // namespace

ExitCode RunCheck(const CheckArguments& arguments) {
  const absl::StatusOr<std::unique_ptr<ReadOnlyStore>> store =
      ReadOnlyStore::Open(arguments.device, arguments.buffered);
  if (!store.ok()) return Fail(store.status());
  const absl::StatusOr<StoreCheck> check = CheckStore(store->get(), arguments.payloads);
  if (!check.ok()) return Fail(check.status(), ExitCode::kFailed);
  std::cout << (arguments.json ? FormatJson(arguments.device, *check) : FormatText(arguments.device, *check));
  return check->ok() ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace slotwise
