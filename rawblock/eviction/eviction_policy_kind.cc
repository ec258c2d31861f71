// SPDX-License-Identifier: Apache-2.0
#include "slotwise/eviction_policy_kind.h"

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace slotwise {
namespace {

constexpr std::array<std::string_view, kEvictionPolicyKinds.size()> kNames = {"none",   "lru",  "fifo", "sieve",
                                                                              "s3fifo", "gdsf", "lfu",  "arc"};

absl::string_view AbslView(std::string_view text) { return {text.data(), text.size()}; }

std::string AllNames() {
  std::string names;
  for (std::string_view name : kNames) absl::StrAppend(&names, names.empty() ? "" : ", ", AbslView(name));
  return names;
}

}  // namespace

std::string_view EvictionPolicyName(EvictionPolicyKind kind) { return kNames[static_cast<size_t>(kind)]; }

absl::StatusOr<EvictionPolicyKind> EvictionPolicyFromName(std::string_view name) {
  for (EvictionPolicyKind kind : kEvictionPolicyKinds) {
    if (EvictionPolicyName(kind) == name) return kind;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no eviction policy is called '", AbslView(name), "'; use one of ", AllNames()));
}

}  // namespace slotwise
