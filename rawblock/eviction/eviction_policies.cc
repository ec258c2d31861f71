// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/eviction_policies.h"

#include <array>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "rawblock/eviction/arc_policy.h"
#include "rawblock/eviction/fifo_policy.h"
#include "rawblock/eviction/gdsf_policy.h"
#include "rawblock/eviction/lfu_policy.h"
#include "rawblock/eviction/lru_policy.h"
#include "rawblock/eviction/s3_fifo_policy.h"
#include "rawblock/eviction/sieve_policy.h"

namespace slotwise {
namespace {

using Kind = EvictionPolicyKind;

std::unique_ptr<EvictionPolicy> None(uint64_t /*capacity*/) { return nullptr; }

template <typename Policy>
std::unique_ptr<EvictionPolicy> Make(uint64_t /*capacity*/) {
  return std::make_unique<Policy>();
}

template <typename Policy>
std::unique_ptr<EvictionPolicy> MakeFor(uint64_t capacity) {
  return std::make_unique<Policy>(capacity);
}

constexpr std::array kPolicies = {
    EvictionPolicyRow{Kind::kNone, "none", "none: a full store refuses, and somebody outside removes", None},
    EvictionPolicyRow{Kind::kLru, "lru", "the least recently used", Make<LruPolicy>},
    EvictionPolicyRow{Kind::kFifo, "fifo", "the oldest", Make<FifoPolicy>},
    EvictionPolicyRow{Kind::kSieve, "sieve", "the oldest that was not used since a hand passed it", Make<SievePolicy>},
    EvictionPolicyRow{Kind::kS3Fifo, "s3fifo", "the oldest that was not used soon after it came, then as a clock",
                      MakeFor<S3FifoPolicy>},
    EvictionPolicyRow{Kind::kGdsf, "gdsf", "the least used for its size, aged", Make<GdsfPolicy>},
    EvictionPolicyRow{Kind::kLfu, "lfu", "the least often used", Make<LfuPolicy>},
    EvictionPolicyRow{Kind::kArc, "arc", "the least recently used, of those used once or of the others",
                      MakeFor<ArcPolicy>},
};

const EvictionPolicyRow& RowOf(EvictionPolicyKind kind) { return kPolicies[static_cast<size_t>(kind)]; }

absl::string_view AbslView(std::string_view text) { return {text.data(), text.size()}; }

std::string AllNames() {
  std::string names;
  for (const EvictionPolicyRow& row : kPolicies) absl::StrAppend(&names, names.empty() ? "" : ", ", AbslView(row.name));
  return names;
}

}  // namespace

std::span<const EvictionPolicyRow> EvictionPolicies() { return kPolicies; }

std::string_view EvictionPolicyName(EvictionPolicyKind kind) { return RowOf(kind).name; }

absl::StatusOr<EvictionPolicyKind> EvictionPolicyFromName(std::string_view name) {
  for (const EvictionPolicyRow& row : kPolicies) {
    if (row.name == name) return row.kind;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no eviction policy is called '", AbslView(name), "'; use one of ", AllNames()));
}

std::string EvictionPolicyHelp() {
  std::string help = "Eviction policies, and which entries they give up:";
  for (const EvictionPolicyRow& row : kPolicies) {
    absl::StrAppend(&help, "\n  ", AbslView(row.name), std::string(8 - row.name.size(), ' '),
                    AbslView(row.description));
  }
  return help;
}

std::unique_ptr<EvictionPolicy> MakeEvictionPolicy(EvictionPolicyKind kind, uint64_t capacity) {
  return RowOf(kind).make(capacity);
}

}  // namespace slotwise
