// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/removes.h"

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "allocator/allocator_options.h"
#include "gtest/gtest.h"
#include "rawblock/testing/log_store.h"

namespace slotwise {
namespace {

class RemovesTest : public testing::Test {
 protected:
  RemovesTest() {
    RecoveredStore recovered;
    recovered.header = store_.header();
    recovered.index = std::make_unique<Index>(store_.header().salt);
    recovered.allocator = CreateAllocator({.engine = AllocatorOptions::Engine::kBuddy}, BlockCount(64)).value();
    parts_ = std::make_unique<CoreParts>(store_.device(), &clock_, CoreOptions(), &recovered);
    removes_ = std::make_unique<Removes>(parts_.get());
  }

  void Put(std::string_view key) {
    const RoomRequest request = parts_->entries.Arrive(key, BlockCount(1));
    const Placement placement = parts_->entries.Reserve(BlockCount(1)).value();
    parts_->entries.Publish(key, placement, /*payload_bytes=*/100, /*checksum=*/1, request.arrival);
  }
  // Its answer becomes "KEY:<status code> ".
  void Start(std::string_view key, const RemoveOptions& options = {}) {
    Operation* remove = parts_->operations.Begin(Operation::Kind::kRemove);
    remove->key = key;
    remove->remove_options = options;
    remove->done = [this, key](const absl::Status& status) {
      answers_ += std::string(key) + ":" + absl::StatusCodeToString(status.code()) + " ";
    };
    removes_->Start(remove);
    GoOn();
  }
  void GoOn() {
    removes_->Retry();
    while (Operation* remove = parts_->lines.Next()) removes_->Begin(remove);
    parts_->operations.RunCompleted();
  }
  // Nothing more may be appended before a group is written.
  void FillJournal() {
    Record record = store_.Put(1);
    const std::string key(format::kKeyBytesMax, 'k');
    record.key = key;
    while (parts_->journal.HasRoom()) parts_->journal.Append(record);
  }
  void Commit() {
    parts_->commits.Commit();
    store_.Finish();
    parts_->commits.Finish();
  }

  LogStore store_;
  SystemClock clock_;
  std::unique_ptr<CoreParts> parts_;
  std::unique_ptr<Removes> removes_;
  std::string answers_;
};

TEST_F(RemovesTest, ABatchedOneIsAnsweredAtOnceADurableOneOnceItIs) {
  Put("a");
  Put("b");
  Start("a");
  Start("b", {.durability = Durability::kDurable});
  EXPECT_FALSE(parts_->entries.Find("a").has_value());
  EXPECT_FALSE(parts_->entries.Find("b").has_value());
  EXPECT_EQ(answers_, "a:OK ");
  Commit();
  GoOn();
  EXPECT_EQ(answers_, "a:OK b:OK ");
  EXPECT_TRUE(parts_->lines.empty());
  EXPECT_EQ(parts_->statistics.removes, 2u);
}

TEST_F(RemovesTest, RefusesWhatIsNotThereAndWhatIsPinned) {
  Put("pinned");
  const Pin pin = parts_->entries.PinEntry(*parts_->entries.Find("pinned"));
  Start("absent");
  Start("pinned");
  Start("pinned", {.force = true});
  EXPECT_EQ(answers_, "absent:NOT_FOUND pinned:FAILED_PRECONDITION pinned:OK ");
  EXPECT_TRUE(parts_->entries.Unpin(pin));
}

TEST_F(RemovesTest, WaitsForRoomInTheJournalInLine) {
  Put("a");
  Put("b");
  FillJournal();
  Start("a");
  Start("b");
  Start("a");
  EXPECT_EQ(removes_->waiting(), 2u) << "the second of a waits for the first";
  EXPECT_TRUE(parts_->entries.Find("a").has_value());
  Start("absent");
  EXPECT_EQ(answers_, "") << "behind those that wait";
  Commit();
  GoOn();
  EXPECT_EQ(answers_, "a:OK b:OK absent:NOT_FOUND a:NOT_FOUND ");
  EXPECT_EQ(removes_->waiting(), 0u);
}

TEST_F(RemovesTest, AfterAFailureNothingIsRemovedAndNothingWaits) {
  Put("a");
  FillJournal();
  Start("a");
  store_.FailAll('f');
  Commit();
  GoOn();
  EXPECT_EQ(answers_, "a:FAILED_PRECONDITION ");
  EXPECT_TRUE(parts_->entries.Find("a").has_value());
}

}  // namespace
}  // namespace slotwise
