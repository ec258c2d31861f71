// SPDX-License-Identifier: Apache-2.0
#include "rawblock/store/jobs.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "rawblock/core/clock.h"
#include "rawblock/store/batch.h"
#include "rawblock/store/stage_latencies.h"

namespace slotwise {
namespace {

using SizeBatch = Batch<absl::StatusOr<uint64_t>>;

class JobsTest : public testing::Test {
 protected:
  ~JobsTest() override { jobs_.CheckInvariants(); }

  // A batch of these keys. Each call leaves its answer with answers_; done_ becomes the results, once they are there.
  AnyBatch* NewBatch(const std::vector<std::string_view>& keys) {
    std::vector<Job> jobs;
    for (const std::string_view key : keys) jobs.push_back({.key = key});
    return new SizeBatch(
        std::move(jobs),
        [this](RawBlockCore*, const Job& job, SizeBatch::Answer answer) {
          called_ += job.key;
          answers_.push_back(std::move(answer));
        },
        [this](const std::vector<absl::StatusOr<uint64_t>>& results) {
          for (const auto& result : results) done_ += result.ok() ? std::to_string(*result) + " " : "failed ";
        });
  }
  void Start(AnyBatch* batch) {
    for (Job& job : batch->jobs()) jobs_.Start(&job, nullptr);
  }

  SystemClock clock_;
  StageLatencies latencies_;
  Jobs jobs_{&clock_, &latencies_};
  std::vector<SizeBatch::Answer> answers_;
  std::string called_;
  std::string done_;
};

TEST_F(JobsTest, ABatchIsAnsweredOnceInTheOrderOfItsJobs) {
  Start(NewBatch({"a", "b", "c"}));
  EXPECT_EQ(called_, "abc");
  for (const size_t i : {1, 2, 0}) {
    jobs_.CheckInvariants();
    answers_[i](i);
    EXPECT_EQ(done_, "") << "nobody hears of it before Deliver";
    jobs_.Deliver();
  }
  EXPECT_EQ(done_, "0 1 2 ");
  EXPECT_TRUE(jobs_.empty());
  EXPECT_EQ(latencies_.Snapshot()[static_cast<size_t>(OperationStage::kGet)].sample_count, 3u);
}

TEST_F(JobsTest, KeysAreTheBatchsOwn) {
  std::string key = "a";
  AnyBatch* batch = NewBatch({key, key});
  key = "z";
  Start(batch);
  EXPECT_EQ(called_, "aa");
  for (auto& answer : answers_) answer(1);
  jobs_.Deliver();
}

TEST_F(JobsTest, WhatIsLostIsFailedWhetherStartedOrNot) {
  AnyBatch* batch = NewBatch({"a", "b", "c"});
  jobs_.Start(&batch->jobs()[0], nullptr);
  jobs_.Start(&batch->jobs()[1], nullptr);
  answers_[0](7);
  jobs_.FailStarted(absl::UnavailableError("lost"));
  jobs_.Fail(&batch->jobs()[2], absl::UnavailableError("lost"));
  EXPECT_EQ(jobs_.answered(), 3u);
  jobs_.Deliver();
  EXPECT_EQ(done_, "7 failed failed ");
}

TEST_F(JobsTest, OfTwoBatchesEachHearsOfItsOwn) {
  Start(NewBatch({"a"}));
  Start(NewBatch({"b"}));
  answers_[1](2);
  jobs_.Deliver();
  EXPECT_EQ(done_, "2 ");
  answers_[0](1);
  jobs_.Deliver();
  EXPECT_EQ(done_, "2 1 ");
}

TEST_F(JobsTest, TwoBatchesDeliveredTogetherAreCountedApart) {
  Start(NewBatch({"a", "b", "c"}));
  Start(NewBatch({"d", "e"}));
  for (const size_t i : {0, 1, 3, 4}) answers_[i](i);
  jobs_.Deliver();
  EXPECT_EQ(done_, "3 4 ");
  answers_[2](2);
  jobs_.Deliver();
  EXPECT_EQ(done_, "3 4 0 1 2 ");
}

}  // namespace
}  // namespace slotwise
