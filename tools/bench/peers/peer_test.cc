// SPDX-License-Identifier: Apache-2.0
// What every peer must do before its speed means anything.
#include "tools/bench/peers/peer.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "tools/bench/peers/chunk_set.h"
#include "tools/bench/peers/page_cache.h"
#include "tools/bench/peers/peer_catalog.h"
#include "tools/bench/peers/peer_round.h"
#include "tools/bench/peers/prewritten_file.h"

namespace slotwise {
namespace {

constexpr uint64_t kDeviceBytes = 64 << 20;
constexpr ChunkSetOptions kChunks = {.payload_bytes = 64 << 10, .payloads = 20, .batch = 8, .submitters = 2};

class PeerTest : public testing::TestWithParam<PeerEntry> {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(root_.data()), nullptr);
    options_.folder = root_ + "/peer";
    ASSERT_TRUE(std::filesystem::create_directory(options_.folder));
    for (const char* name : {"/device0", "/device1"}) {
      options_.devices.push_back(root_ + name);
      ASSERT_EQ(WritePrewrittenFile(options_.devices.back(), kDeviceBytes), absl::OkStatus());
    }
    options_.payload_bytes = kChunks.payload_bytes;
    options_.payloads = kChunks.payloads * static_cast<size_t>(kChunks.submitters);
    options_.submitters = kChunks.submitters;
    options_.memory = chunks_.memory();
  }

  void TearDown() override { std::filesystem::remove_all(root_); }

  void Open() {
    absl::StatusOr<std::unique_ptr<Peer>> peer = GetParam().open(options_);
    ASSERT_EQ(peer.status(), absl::OkStatus());
    peer_ = *std::move(peer);
  }

  void PutAll(int submitter) {
    for (size_t i = 0; i < chunks_.batches(); ++i) {
      EXPECT_EQ(peer_->Put(chunks_.PutBatch(submitter, i)), absl::OkStatus());
    }
  }

  void VerifyAll(int submitter) {
    for (size_t i = 0; i < chunks_.batches(); ++i) {
      const Batch batch = chunks_.GetBatch(submitter, i);
      ChunkSet::Clear(batch);
      EXPECT_EQ(peer_->Get(batch), absl::OkStatus());
      EXPECT_EQ(chunks_.Verify(batch), absl::OkStatus());
    }
  }

  std::string root_ = testing::TempDir() + "/peer_test_XXXXXX";
  PeerOptions options_;
  ChunkSet chunks_{kChunks};
  std::unique_ptr<Peer> peer_;
};

TEST_P(PeerTest, GivesBackWhatWasPut) {
  ASSERT_NO_FATAL_FAILURE(Open());
  PutAll(0);
  VerifyAll(0);
  EXPECT_EQ(peer_->Flush(), absl::OkStatus());
  for (const ReadPath path : {ReadPath::kDevice, ReadPath::kPageCache, ReadPath::kDevice}) {
    EXPECT_EQ(peer_->PrepareGets(path), absl::OkStatus());
    EXPECT_EQ(DropFromPageCache(root_), absl::OkStatus());
    VerifyAll(0);
  }
  EXPECT_EQ(peer_->Close(), absl::OkStatus());
}

TEST_P(PeerTest, MissesWhatWasNotPut) {
  ASSERT_NO_FATAL_FAILURE(Open());
  EXPECT_TRUE(absl::IsNotFound(peer_->Get(chunks_.GetBatch(0, 0))));
  EXPECT_EQ(peer_->Put(chunks_.PutBatch(0, 0)), absl::OkStatus());
  EXPECT_TRUE(absl::IsNotFound(peer_->Get(chunks_.PutBatch(0, 1))));
  EXPECT_EQ(peer_->Get(chunks_.PutBatch(0, 0)), absl::OkStatus());
  EXPECT_EQ(peer_->Close(), absl::OkStatus());
}

TEST_P(PeerTest, ServesSubmittersAtOnce) {
  ASSERT_NO_FATAL_FAILURE(Open());
  {
    std::vector<std::jthread> submitters;
    for (int submitter = 0; submitter < kChunks.submitters; ++submitter) {
      submitters.emplace_back([this, submitter] {
        PutAll(submitter);
        VerifyAll(submitter);
      });
    }
  }
  EXPECT_EQ(peer_->Close(), absl::OkStatus());
}

TEST_P(PeerTest, TakesTheSamePayloadsAgain) {
  ASSERT_NO_FATAL_FAILURE(Open());
  PutAll(0);
  PutAll(0);
  VerifyAll(0);
  EXPECT_EQ(peer_->Close(), absl::OkStatus());
}

TEST_P(PeerTest, RunsARound) {
  const absl::StatusOr<RoundCost> cost = RunRound(GetParam(), options_, &chunks_);
  ASSERT_EQ(cost.status(), absl::OkStatus());
  for (const PhaseCost& phase : {cost->put, cost->get, cost->cached_get}) {
    EXPECT_GT(phase.elapsed, absl::ZeroDuration());
    EXPECT_GT(phase.cpu_time, absl::ZeroDuration());
  }
}

std::string NameOf(const testing::TestParamInfo<PeerEntry>& peer) { return std::string(peer.param.name); }

INSTANTIATE_TEST_SUITE_P(AllPeers, PeerTest, testing::ValuesIn(PeerCatalog().begin(), PeerCatalog().end()), NameOf);

// Gives back the bytes of its first payload for every key.
class ForgetfulPeer final : public Peer {
 public:
  absl::Status Put(const Batch& batch) override {
    if (payload_.empty()) payload_.assign(batch.payload(0).begin(), batch.payload(0).end());
    return absl::OkStatus();
  }
  absl::Status Get(const Batch& batch) override {
    for (size_t i = 0; i < batch.keys.size(); ++i) std::ranges::copy(payload_, batch.payload(i).begin());
    return absl::OkStatus();
  }
  absl::Status Flush() override { return absl::OkStatus(); }
  absl::Status PrepareGets(ReadPath) override { return absl::OkStatus(); }
  absl::Status Close() override { return absl::OkStatus(); }

 private:
  std::vector<std::byte> payload_;
};

TEST(PeerRoundTest, FindsWrongBytes) {
  std::string folder = testing::TempDir() + "/peer_round_test_XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ChunkSet chunks({.payload_bytes = 4096, .payloads = 4, .batch = 2, .submitters = 1});
  const PeerEntry entry{.name = "forgetful",
                        .title = "forgetful",
                        .setup = "",
                        .open = [](const PeerOptions&) -> absl::StatusOr<std::unique_ptr<Peer>> {
                          return std::make_unique<ForgetfulPeer>();
                        }};
  const absl::StatusOr<RoundCost> cost = RunRound(entry, {.folder = folder, .payload_bytes = 4096}, &chunks);
  EXPECT_TRUE(absl::IsDataLoss(cost.status())) << cost.status();
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace slotwise
