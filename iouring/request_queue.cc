// SPDX-License-Identifier: Apache-2.0
#include "iouring/request_queue.h"

#include <bit>

#include "absl/status/status.h"
#include "glog/logging.h"

namespace slotwise {

RequestQueue::RequestQueue(uint32_t alignment, uint64_t part_bytes_max)
    : alignment_(alignment), part_bytes_max_(part_bytes_max) {
  CHECK(std::has_single_bit(alignment));
  CHECK_GT(part_bytes_max, 0u);
  CHECK_EQ(part_bytes_max % alignment, 0u);
}

void RequestQueue::Push(IoRequest* request, uint64_t length) {
  request->status = absl::OkStatus();
  request->progress = {.length = length};
  (first_ == nullptr ? first_ : last_->progress.next) = request;
  last_ = request;
  ++in_flight_;
}

void RequestQueue::Pop() { first_ = first_->progress.next; }

void RequestQueue::GiveUp(IoRequest* request) {
  request->progress.given_up = true;
  has_given_up_ = true;
}

// Takes what was given up out of the list, in its order.
void RequestQueue::Unlink() {
  IoRequest** kept = &first_;
  IoRequest** ended = &given_up_;
  while (*ended != nullptr) ended = &(*ended)->progress.next;
  last_ = nullptr;
  for (IoRequest* request = first_; request != nullptr; request = request->progress.next) {
    if (!request->progress.given_up) {
      *kept = last_ = request;
      kept = &request->progress.next;
      continue;
    }
    request->status.Update(GivenUpError());
    if (request->progress.parts > 0) continue;
    *ended = request;
    ended = &request->progress.next;
  }
  *kept = *ended = nullptr;
}

IoRequest* RequestQueue::TakeGivenUp() {
  if (has_given_up_) Unlink();
  has_given_up_ = false;
  IoRequest* request = given_up_;
  if (request == nullptr) return nullptr;
  given_up_ = request->progress.next;
  --in_flight_;
  return request;
}

void RequestQueue::Start(Transfer* transfer) {
  IoRequest::Progress& progress = first_->progress;
  transfer->Start(first_, progress.begun, part_bytes_max_, alignment_);
  progress.begun += transfer->length();
  ++progress.parts;
  if (progress.begun == progress.length) Pop();
}

IoRequest* RequestQueue::End(const Transfer& transfer) {
  IoRequest* request = transfer.request();
  IoRequest::Progress& progress = request->progress;
  CHECK_GT(progress.parts, 0u) << "a part ends that has not begun";
  --progress.parts;
  request->status.Update(transfer.status());
  const bool abandoned = !request->status.ok() && request == first_;
  if (abandoned) Pop();
  if (progress.parts > 0 || request == first_) return nullptr;
  --in_flight_;
  return request;
}

}  // namespace slotwise
