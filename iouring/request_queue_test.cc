// SPDX-License-Identifier: Apache-2.0
#include "iouring/request_queue.h"

#include <sys/uio.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

constexpr uint32_t kUnit = 4;

// A request of buffers of the given numbers of units, at made-up addresses that are never touched.
struct Numbered : IoRequest {
  explicit Numbered(const std::vector<uint8_t>& units) {
    for (const uint8_t count : units) {
      iovecs.push_back({reinterpret_cast<void*>(uintptr_t{kUnit} * (1 + bytes)), size_t{count} * kUnit});
      bytes += iovecs.back().iov_len;
    }
    buffers = iovecs;
    covered.resize(bytes);
  }
  std::vector<iovec> iovecs;
  uint64_t bytes = 0;
  std::vector<bool> covered;  // by a part, by byte
  bool failed = false;        // one of its parts
  bool given_up = false;
  bool ended = false;
};

uint64_t Bytes(std::span<const iovec> piece) {
  uint64_t bytes = 0;
  for (const iovec& buffer : piece) bytes += buffer.iov_len;
  return bytes;
}

class Run {
 public:
  explicit Run(uint64_t part_bytes_max) : part_bytes_max_(part_bytes_max), queue_(kUnit, part_bytes_max) {}

  void Push(const std::vector<uint8_t>& units) {
    Numbered& request = requests_.emplace_back(units);
    queue_.Push(&request, request.bytes);
  }

  void Start() {
    if (!queue_.has_part()) return;
    Transfer& part = parts_.emplace_back();
    queue_.Start(&part);
    auto& request = *static_cast<Numbered*>(part.request());
    const uint64_t begin = part.offset();
    RC_ASSERT(!request.ended);
    RC_ASSERT(Bytes(part.piece()) == part.length());
    RC_ASSERT(part.length() <= part_bytes_max_);
    RC_ASSERT(part.length() > 0 || request.bytes == 0);
    for (uint64_t byte = begin; byte < begin + part.length(); ++byte) {
      RC_ASSERT(!request.covered[byte]);
      request.covered[byte] = true;
    }
  }

  void End(uint32_t choice, bool fails) {
    if (parts_.empty()) return;
    const auto chosen = parts_.begin() + choice % parts_.size();
    auto& request = *static_cast<Numbered*>(chosen->request());
    const auto whole = static_cast<int64_t>(chosen->length());
    RC_ASSERT(chosen->Advance(fails ? int64_t{-EIO} : whole, "device"));
    request.failed = request.failed || fails;
    const IoRequest* ended = queue_.End(*chosen);
    parts_.erase(chosen);
    if (ended == nullptr) return;
    RC_ASSERT(ended == &request);
    CheckEnd(&request);
  }

  void GiveUp(uint32_t choice) {
    if (requests_.empty()) return;
    Numbered& request = requests_[choice % requests_.size()];
    if (request.ended) return;
    request.given_up = true;
    queue_.GiveUp(&request);
    TakeGivenUp();
  }

  void Drain() {
    while (queue_.in_flight() > 0) {
      Start();
      End(0, false);
    }
    RC_ASSERT(!queue_.has_part());
    for (const Numbered& request : requests_) RC_ASSERT(request.ended);
  }

 private:
  void TakeGivenUp() {
    while (IoRequest* ended = queue_.TakeGivenUp()) {
      auto* request = static_cast<Numbered*>(ended);
      RC_ASSERT(request->given_up);
      RC_ASSERT(std::ranges::none_of(parts_, [&](const Transfer& part) { return part.request() == ended; }));
      CheckEnd(request);
    }
  }

  void CheckEnd(Numbered* request) {
    RC_ASSERT(!request->ended);
    request->ended = true;
    const bool all = std::ranges::find(request->covered, false) == request->covered.end();
    const bool cancelled = absl::IsCancelled(request->status);
    RC_ASSERT(request->status.ok() || request->failed || cancelled);
    RC_ASSERT(!request->status.ok() || (all && !request->failed));
    RC_ASSERT(!cancelled || request->given_up);
  }

  uint64_t part_bytes_max_;
  RequestQueue queue_;
  std::deque<Numbered> requests_;
  std::deque<Transfer> parts_;  // begun and not ended
};

// Parts begin, end and fail in any order, and requests are given up at any time: every request ends once, after all its
// parts, and those that neither fail nor are given up have covered each byte once.
RC_GTEST_PROP(RequestQueueTest, CutsAndJoinsEveryRequestOnce, ()) {
  Run run(*rc::gen::inRange<uint64_t>(1, 12) * kUnit);
  const auto sizes = rc::gen::container<std::vector<uint8_t>>(rc::gen::inRange<uint8_t>(0, 30));
  for (const uint32_t step : *rc::gen::container<std::vector<uint32_t>>(rc::gen::arbitrary<uint32_t>())) {
    if (step % 4 == 0) run.Push(*sizes);
    if (step % 4 == 1) run.Start();
    if (step % 4 > 1) run.End(step / 16, step % 16 == 3);
    if (step % 16 == 5) run.GiveUp(step / 16);
  }
  run.Drain();
}

TEST(RequestQueueTest, BeginsInTheOrderOfSubmission) {
  RequestQueue queue(kUnit, 2 * kUnit);
  Numbered first({3}), second({1});
  queue.Push(&first, first.bytes);
  queue.Push(&second, second.bytes);
  std::vector<IoRequest*> order;
  Transfer part;
  for (; queue.has_part(); order.push_back(part.request())) queue.Start(&part);
  EXPECT_EQ(order, (std::vector<IoRequest*>{&first, &first, &second}));
}

TEST(RequestQueueTest, WhatHasNotBegunOfAFailedRequestNeverDoes) {
  RequestQueue queue(kUnit, kUnit);
  Numbered failing({9}), next({1});
  queue.Push(&failing, failing.bytes);
  queue.Push(&next, next.bytes);
  Transfer one, other;
  queue.Start(&one);
  queue.Start(&other);
  ASSERT_TRUE(one.Advance(-EIO, "device"));
  EXPECT_EQ(queue.End(one), nullptr);
  Transfer after;
  queue.Start(&after);
  EXPECT_EQ(after.request(), &next);
  ASSERT_TRUE(other.Advance(kUnit, "device"));
  EXPECT_EQ(queue.End(other), &failing);
  EXPECT_TRUE(absl::IsDataLoss(failing.status));
}

TEST(RequestQueueTest, WhatIsGivenUpLeavesTheOthersInTheirOrder) {
  RequestQueue queue(kUnit, kUnit);
  std::deque<Numbered> requests;
  for (int i = 0; i < 5; ++i) {
    requests.emplace_back(std::vector<uint8_t>{1});
    queue.Push(&requests.back(), requests.back().bytes);
  }
  for (const size_t i : {0, 2, 4}) queue.GiveUp(&requests[i]);
  for (const size_t i : {0, 2, 4}) {
    EXPECT_EQ(queue.TakeGivenUp(), &requests[i]);
    EXPECT_TRUE(absl::IsCancelled(requests[i].status));
  }
  EXPECT_EQ(queue.TakeGivenUp(), nullptr);
  EXPECT_EQ(queue.in_flight(), 2);
  Numbered late({1});
  queue.Push(&late, late.bytes);
  std::vector<IoRequest*> order;
  Transfer part;
  for (; queue.has_part(); order.push_back(part.request())) queue.Start(&part);
  EXPECT_EQ(order, (std::vector<IoRequest*>{&requests[1], &requests[3], &late}));
}

TEST(RequestQueueTest, WhatHasBegunEndsWithItsLastPart) {
  RequestQueue queue(kUnit, kUnit);
  Numbered request({3});
  queue.Push(&request, request.bytes);
  Transfer one, other;
  queue.Start(&one);
  queue.Start(&other);
  queue.GiveUp(&request);
  EXPECT_EQ(queue.TakeGivenUp(), nullptr);
  EXPECT_FALSE(queue.has_part());
  ASSERT_TRUE(one.Advance(kUnit, "device"));
  EXPECT_EQ(queue.End(one), nullptr);
  ASSERT_TRUE(other.Advance(kUnit, "device"));
  EXPECT_EQ(queue.End(other), &request);
  EXPECT_TRUE(absl::IsCancelled(request.status));
}

}  // namespace
}  // namespace slotwise
