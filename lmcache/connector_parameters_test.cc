// SPDX-License-Identifier: Apache-2.0
#include "lmcache/connector_parameters.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "allocator/allocator_options.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "iouring/open_device.h"
#include "lmcache/connector.h"
#include "rawblock/core/raw_block_core.h"
#include "slotwise/eviction_policy_kind.h"

namespace slotwise {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ConnectorParametersTest, DefaultsSuitLmcache) {
  ConnectorParameters parameters;
  parameters.device_path = {"/dev/a"};
  const ConnectorOptions options = OptionsOf(parameters).value();
  EXPECT_THAT(options.paths, ElementsAre("/dev/a"));
  EXPECT_FALSE(options.file.create);
  EXPECT_EQ(options.file.engine, AllocatorOptions::Engine::kExtent);
  EXPECT_EQ(options.file.device.queue_depth, 256);
  EXPECT_EQ(options.eviction, EvictionPolicyKind::kNone);
  EXPECT_EQ(options.durability, Durability::kBatched);
  EXPECT_EQ(options.metrics_path, "");
}

TEST(ConnectorParametersTest, TakesEveryParameter) {
  const ConnectorParameters parameters{.device_path = {"/dev/a", "/dev/b"},
                                       .capacity_bytes = 1 << 30,
                                       .queue_depth = 4096,
                                       .create = true,
                                       .payload_bytes = 1 << 20,
                                       .allocator = "slab",
                                       .eviction = "s3fifo",
                                       .durability = "durable",
                                       .commit_interval_ms = 7,
                                       .buffered = true,
                                       .io_engine = "file",
                                       .metrics_path = "/tmp/metrics",
                                       .metrics_interval = 0.5};
  const ConnectorOptions options = OptionsOf(parameters).value();
  EXPECT_THAT(options.paths, ElementsAre("/dev/a", "/dev/b"));
  EXPECT_TRUE(options.file.create);
  EXPECT_EQ(options.file.capacity_bytes, 1u << 30);
  EXPECT_EQ(options.file.payload_bytes, 1u << 20);
  EXPECT_EQ(options.file.engine, AllocatorOptions::Engine::kSlab);
  EXPECT_EQ(options.file.device.queue_depth, 4096);
  EXPECT_TRUE(options.file.device.file.buffered);
  EXPECT_EQ(options.file.device.io_engine, IoEngine::kFile);
  EXPECT_EQ(options.eviction, EvictionPolicyKind::kS3Fifo);
  EXPECT_EQ(options.durability, Durability::kDurable);
  EXPECT_EQ(options.commit_interval, absl::Milliseconds(7));
  EXPECT_EQ(options.metrics_path, "/tmp/metrics");
  EXPECT_EQ(options.metrics_interval, absl::Milliseconds(500));
}

TEST(ConnectorParametersTest, NamesWhatIsWrong) {
  struct Case {
    std::string message;
    std::function<void(ConnectorParameters*)> spoil;
  };
  const std::vector<Case> cases = {
      {"device_path=[]: must be", [](auto* p) { p->device_path = {}; }},
      {"device_path='': must be",
       [](auto* p) {
         p->device_path = {"/dev/a", ""};
       }},
      {"device_path=...: must be", [](auto* p) { p->device_path = {std::string("/dev/\0a", 7)}; }},
      {"capacity_bytes=-1: must be from 0", [](auto* p) { p->capacity_bytes = -1; }},
      {"queue_depth=0: must be from 1 to 4096", [](auto* p) { p->queue_depth = 0; }},
      {"queue_depth=4097: must be from 1 to 4096", [](auto* p) { p->queue_depth = 4097; }},
      {"payload_bytes=4294967296: must be from 0", [](auto* p) { p->payload_bytes = int64_t{1} << 32; }},
      {"payload_bytes=0: must be the size", [](auto* p) { p->create = true, p->allocator = "slab"; }},
      {"allocator='best': must be one of fixed, buddy, slab, extent", [](auto* p) { p->allocator = "best"; }},
      {"eviction='LRU': must be one of none, lru, fifo", [](auto* p) { p->eviction = "LRU"; }},
      {"durability='': must be one of batched, durable", [](auto* p) { p->durability = ""; }},
      {"commit_interval_ms=0: must be from 1 to 60000", [](auto* p) { p->commit_interval_ms = 0; }},
      {"io_engine='aio': must be one of auto, uring, file", [](auto* p) { p->io_engine = "aio"; }},
      {"metrics_interval=0: must be from 0.1 to 86400", [](auto* p) { p->metrics_interval = 0; }},
      {"metrics_interval=nan: must be", [](auto* p) { p->metrics_interval = std::nan(""); }},
      {"metrics_interval=inf: must be", [](auto* p) { p->metrics_interval = std::numeric_limits<double>::infinity(); }},
  };
  for (const Case& bad : cases) {
    ConnectorParameters parameters;
    parameters.device_path = {"/dev/a"};
    bad.spoil(&parameters);
    const absl::Status status = OptionsOf(parameters).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad.message;
    EXPECT_THAT(std::string(status.message()), HasSubstr(bad.message));
  }
}

}  // namespace
}  // namespace slotwise
