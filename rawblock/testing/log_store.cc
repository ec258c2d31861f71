// SPDX-License-Identifier: Apache-2.0
#include "rawblock/testing/log_store.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "rawblock/disk/layout.h"

namespace slotwise {

LogStore::LogStore() : device_(8 << 20) {
  header_.salt = 42;
  header_.max_entries = 400;
  header_.max_key_bytes = 1024;
  header_.layout = ComputeLayout({.device_bytes = device_.size(), .max_entries = 400, .max_key_bytes = 1024}).value();
  header_.layout.journal_bytes = 1 << 20;
  device_.set_fault([this](const IoRequest& request) { return Watch(request); });
}

absl::Status LogStore::Watch(const IoRequest& request) {
  const char operation = "rwfd"[static_cast<size_t>(request.op)];
  operations_ += operation;
  if (operation == failing_) return absl::DataLossError("EIO");
  uint64_t end = request.offset;
  for (const iovec& buffer : request.buffers) end += buffer.iov_len;
  const bool there = request.offset <= failing_offset_ && failing_offset_ < end;
  return operation == failing_there_ && there ? absl::DataLossError("EIO") : absl::OkStatus();
}

std::span<std::byte> LogStore::ring() {
  return device_.bytes().subspan(layout().journal_offset, layout().journal_bytes);
}

void LogStore::Finish() {
  while (device_.in_flight() > 0) CHECK_EQ(device_.Poll(absl::InfiniteDuration()), absl::OkStatus());
}

Record LogStore::Put(uint64_t i) {
  return {.type = format::RecordType::kPut,
          .key = keys_.emplace_back(absl::StrCat("key", i)),
          .placement = Placement(Extent(BlockIndex(i), BlockCount(1))),
          .payload_bytes = 100,
          .checksum = i};
}

std::string LogStore::Keys(const Index& index) {
  std::vector<std::string> keys;
  for (EntryId id = 0; id < index.id_limit(); ++id) {
    if (index.entry(id).published) keys.emplace_back(index.entry(id).key());
  }
  std::ranges::sort(keys);
  return absl::StrJoin(keys, " ");
}

}  // namespace slotwise
