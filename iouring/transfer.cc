// SPDX-License-Identifier: Apache-2.0
#include "iouring/transfer.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

namespace slotwise {
namespace {

std::string Describe(const IoRequest& request, uint64_t begun, uint64_t bytes) {
  switch (request.op) {
    case IoRequest::Op::kRead:
      return absl::StrCat("read of ", bytes, " bytes at offset ", request.offset + begun);
    case IoRequest::Op::kWrite:
      return absl::StrCat("write of ", bytes, " bytes at offset ", request.offset + begun);
    case IoRequest::Op::kFlush:
      return "flush";
  }
  return "";
}

iovec Part(const iovec& buffer, uint64_t skipped, uint64_t bytes_max) {
  return {static_cast<char*>(buffer.iov_base) + skipped, std::min<uint64_t>(buffer.iov_len - skipped, bytes_max)};
}

}  // namespace

absl::Status GivenUpError() { return absl::CancelledError("given up before all of it was done"); }

void Transfer::Start(IoRequest* request, uint64_t begun, uint64_t bytes_max, uint32_t alignment) {
  request_ = request;
  begun_ = begun;
  progress_ = {.alignment = alignment};
  status_ = absl::OkStatus();
  Aim(bytes_max);
  progress_.length = asked_;
}

void Transfer::Aim(uint64_t bytes_max) {
  const std::span<const iovec> buffers = request_->buffers;
  uint64_t skipped = moved();
  for (first_ = 0; first_ < buffers.size() && skipped >= buffers[first_].iov_len; ++first_) {
    skipped -= buffers[first_].iov_len;
  }
  asked_ = count_ = 0;
  part_ = {};
  if (first_ == buffers.size()) return;
  if (skipped > 0 || buffers[first_].iov_len > bytes_max) {
    part_ = Part(buffers[first_], skipped, bytes_max);
    asked_ = part_.iov_len;
    return;
  }
  while (first_ + count_ < buffers.size() && asked_ + buffers[first_ + count_].iov_len <= bytes_max) {
    asked_ += buffers[first_ + count_++].iov_len;
  }
}

std::span<const iovec> Transfer::piece() const {
  if (count_ == 0) return {&part_, 1};
  return request_->buffers.subspan(first_, count_);
}

bool Transfer::Advance(int64_t result, std::string_view path) {
  const Advanced advanced = slotwise::Advance(asked_, result, &progress_);
  if (advanced.next == NextStep::kResume) {
    Aim(progress_.length - progress_.moved);
    return false;
  }
  if (!advanced.status.ok()) {
    status_ = absl::Status(advanced.status.code(),
                           absl::StrCat(Describe(*request_, begun_, progress_.length), " of ",
                                        absl::string_view(path.data(), path.size()), ": ", advanced.status.message()));
  }
  return true;
}

}  // namespace slotwise
