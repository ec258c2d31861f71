// SPDX-License-Identifier: Apache-2.0
#include "slotwise/create_store.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "rawblock/make/new_store.h"

namespace slotwise {
namespace {

absl::Status At(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

}  // namespace

absl::Status CreateStore(const std::string& path, const CreateStoreOptions& options) {
  const absl::StatusOr<NewStore> store = NewStoreOf(options);
  if (!store.ok()) return At(path, store.status());
  absl::StatusOr<MadeStore> made = MakeStore(path, {.file = options.file}, *store);
  if (!made.ok()) return made.status();
  absl::Status closed = made->opened.device->Close();
  if (closed.ok()) made->file.Keep();
  return closed;
}

}  // namespace slotwise
