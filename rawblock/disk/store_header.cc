// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/store_header.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace slotwise {

std::string UuidString(const Uuid& uuid) {
  const std::string hex = absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(uuid.data()), 16));
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-", hex.substr(16, 4), "-",
                      hex.substr(20));
}

}  // namespace slotwise
