// SPDX-License-Identifier: Apache-2.0
#include "slotwise/create_store.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "iouring/create_file.h"
#include "iouring/device_file.h"
#include "rawblock/make/new_store.h"

namespace slotwise {
namespace {

absl::Status At(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

// Unless somebody else has it already.
void Remove(const std::string& path) {
  const absl::StatusOr<DeviceFile> file =
      DeviceFile::Open(path, {.buffered = true, .claim_wait = absl::ZeroDuration()});
  if (file.ok()) UnfinishedFile(path, file->fd()).Remove();
}

}  // namespace

absl::Status CreateStore(const std::string& path, const CreateStoreOptions& options) {
  const absl::StatusOr<NewStore> store = NewStoreOf(options);
  if (!store.ok()) return At(path, store.status());
  absl::StatusOr<MadeStore> made = MakeStore(path, {.file = options.file}, *store);
  if (!made.ok()) return made.status();
  absl::Status closed = made->opened.device->Close();
  if (!closed.ok() && made->created) Remove(path);
  return closed;
}

}  // namespace slotwise
