// SPDX-License-Identifier: Apache-2.0
#include "lmcache/connector.h"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "slotwise/raw_block_store.h"

namespace slotwise {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Completion = Connector::Completion;

class ConnectorTest : public testing::Test {
 protected:
  ConnectorTest() {
    for (const char* name : {"/connector_a", "/connector_b"}) {
      options_.paths.push_back(absl::StrCat(testing::TempDir(), name));
      ::unlink(options_.paths.back().c_str());
    }
    options_.file = {.create = true,
                     .capacity_bytes = 16 << 20,
                     .payload_bytes = 0,
                     .engine = AllocatorOptions::Engine::kExtent,
                     .device = {.file = {.buffered = true}, .queue_depth = 16}};
  }
  ~ConnectorTest() override {
    connector_.reset();
    for (const std::string& path : options_.paths) ::unlink(path.c_str());
  }

  void Open() {
    absl::StatusOr<std::unique_ptr<Connector>> connector = Connector::Open(options_);
    ASSERT_TRUE(connector.ok()) << connector.status();
    connector_ = *std::move(connector);
  }

  bool Readable(int timeout_ms) {
    pollfd event{.fd = connector_->fd(), .events = POLLIN, .revents = 0};
    return ::poll(&event, 1, timeout_ms) == 1;
  }

  // The completion of `future`, the only one under way.
  Completion Await(const absl::StatusOr<Connector::FutureId>& future) {
    EXPECT_TRUE(future.ok()) << future.status();
    EXPECT_TRUE(Readable(60'000));
    std::vector<Completion> drained = connector_->Drain();
    EXPECT_EQ(drained.size(), 1u);
    EXPECT_EQ(drained[0].future, *future);
    EXPECT_FALSE(Readable(0));
    return std::move(drained[0]);
  }

  absl::StatusOr<Connector::FutureId> Set(std::string_view key, const std::vector<std::byte>& payload) {
    const RawBlockStore::PutRequest request{key, payload};
    return connector_->SubmitSet({&request, 1}, nullptr);
  }

  ConnectorOptions options_;
  std::unique_ptr<Connector> connector_;
};

TEST_F(ConnectorTest, SetsGetsFindsAndDeletes) {
  Open();
  const std::vector<std::byte> payload(5000, std::byte{7});
  const std::vector<RawBlockStore::PutRequest> puts = {{"a", payload}, {"", payload}, {"b", payload}};
  EXPECT_THAT(Await(connector_->SubmitSet(puts, nullptr)).keys, ElementsAre(true, false, true));

  std::vector<std::byte> back(6000);
  std::vector<std::byte> small(4999, std::byte{1});
  const std::vector<RawBlockStore::GetRequest> gets = {{"a", back}, {"b", small}, {"c", small}};
  const Completion got = Await(connector_->SubmitGet(gets, nullptr));
  EXPECT_TRUE(got.status.ok());
  EXPECT_THAT(got.keys, ElementsAre(true, false, false));
  EXPECT_TRUE(std::equal(payload.begin(), payload.end(), back.begin()));
  EXPECT_THAT(small, testing::Each(std::byte{1}));

  const std::vector<std::string_view> keys = {"a", "c", "b"};
  EXPECT_THAT(Await(connector_->SubmitExists(keys)).keys, ElementsAre(true, false, true));
  EXPECT_THAT(Await(connector_->SubmitDelete(keys)).keys, ElementsAre(true, false, true));
  EXPECT_THAT(Await(connector_->SubmitExists(keys)).keys, ElementsAre(false, false, false));
}

TEST_F(ConnectorTest, CompletesAnEmptyBatch) {
  Open();
  const Completion completion = Await(connector_->SubmitExists({}));
  EXPECT_TRUE(completion.status.ok());
  EXPECT_TRUE(completion.keys.empty());
}

TEST_F(ConnectorTest, KeepsWhatWasLentUntilTheDrain) {
  Open();
  auto lent = std::make_shared<std::vector<std::byte>>(4096);
  const std::weak_ptr<std::vector<std::byte>> watch = lent;
  const RawBlockStore::PutRequest request{"a", *lent};
  const auto future = connector_->SubmitSet({&request, 1}, std::move(lent));
  ASSERT_TRUE(Readable(60'000));
  EXPECT_FALSE(watch.expired());
  EXPECT_THAT(Await(future).keys, ElementsAre(true));
  EXPECT_TRUE(watch.expired());
}

TEST_F(ConnectorTest, FinishesWhatIsUnderWayWhenClosed) {
  Open();
  const std::vector<std::byte> payload(100'000);
  for (int i = 0; i < 32; ++i) ASSERT_TRUE(Set(absl::StrCat(i), payload).ok());
  EXPECT_TRUE(connector_->Close().ok());
  EXPECT_TRUE(connector_->Close().ok());
  EXPECT_EQ(Set("late", payload).status().code(), absl::StatusCode::kFailedPrecondition);
  const std::vector<Completion> drained = connector_->Drain();
  EXPECT_EQ(drained.size(), 32u);
  for (const Completion& completion : drained) EXPECT_THAT(completion.keys, ElementsAre(true));
  EXPECT_TRUE(connector_->Drain().empty());
}

TEST_F(ConnectorTest, HoldsItsDataAfterItIsOpenedAgain) {
  Open();
  EXPECT_THAT(Await(Set("a", std::vector<std::byte>(3))).keys, ElementsAre(true));
  connector_.reset();
  std::swap(options_.paths[0], options_.paths[1]);
  options_.file.create = false;
  Open();
  const std::string_view key = "a";
  EXPECT_THAT(Await(connector_->SubmitExists({&key, 1})).keys, ElementsAre(true));
}

TEST_F(ConnectorTest, FailsABatchThatTheStoreDoesNotServe) {
  Open();
  connector_.reset();
  RawBlockStoreOptions refusing{.device = options_.file.device, .queued_operations_max = 0};
  connector_ = Connector::Serve(RawBlockStore::Open(options_.paths, refusing).value(), options_).value();
  const Completion completion = Await(Set("a", std::vector<std::byte>(3)));
  EXPECT_EQ(completion.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(completion.keys, ElementsAre(false));
}

TEST_F(ConnectorTest, GivesEachCompletionOnceToManyThreads) {
  Open();
  constexpr int kThreads = 4;
  constexpr int kBatches = 200;
  std::atomic<int64_t> submitted = 0;
  std::atomic<int64_t> drained = 0;
  std::atomic<int> completions = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      const std::string_view key = "a";
      for (int batch = 0; batch < kBatches; ++batch) submitted += connector_->SubmitExists({&key, 1}).value();
      while (completions < kThreads * kBatches) {
        for (const Completion& completion : connector_->Drain()) {
          drained += completion.future;
          ++completions;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(completions, kThreads * kBatches);
  EXPECT_EQ(drained, submitted);
}

TEST_F(ConnectorTest, CountsInAFile) {
  options_.metrics_path = absl::StrCat(testing::TempDir(), "/connector_metrics");
  Open();
  Await(Set("a", std::vector<std::byte>(3)));
  EXPECT_TRUE(connector_->Close().ok());
  std::ifstream file(options_.metrics_path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(text, HasSubstr("slotwise_stored_total{"));
  ::unlink(options_.metrics_path.c_str());
}

TEST_F(ConnectorTest, SaysWhyItCannotOpen) {
  options_.file.create = false;
  EXPECT_EQ(Connector::Open(options_).status().code(), absl::StatusCode::kNotFound);
  options_.file.create = true;
  options_.metrics_path = "/nowhere/metrics";
  EXPECT_THAT(std::string(Connector::Open(options_).status().message()), HasSubstr("/nowhere/metrics"));
  options_.metrics_path.clear();
  options_.paths[1] = options_.paths[0];
  EXPECT_FALSE(Connector::Open(options_).ok());
}

}  // namespace
}  // namespace slotwise
