// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/metadata_stream.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "iouring/device.h"
#include "rawblock/disk/format.h"
#include "rawblock/testing/memory_device.h"

namespace slotwise {
namespace {

constexpr uint64_t kBlock = 4096;
constexpr uint64_t kOffset = 3 * kBlock;

// Each block says its number.
void Number(MemoryDevice* device) {
  for (uint64_t at = 0; at < device->size(); at += kBlock) {
    const uint64_t number = at / kBlock;
    std::memcpy(device->bytes().data() + at, &number, sizeof(number));
  }
}

// Reads `bytes` in steps of `step` and expects each to start with its block.
void ReadAll(uint64_t bytes, uint64_t step) {
  MemoryDevice device(kOffset + bytes);
  Number(&device);
  MetadataStream stream(&device, kOffset, bytes);
  for (uint64_t at = 0; at < bytes; at += step) {
    const absl::StatusOr<std::span<const std::byte>> view = stream.Peek();
    ASSERT_TRUE(view.ok()) << view.status();
    ASSERT_GE(view->size(), std::min<uint64_t>(bytes - at, format::kGroupBytesMax));
    uint64_t number = 0;
    std::memcpy(&number, view->data(), sizeof(number));
    ASSERT_EQ(number, (kOffset + at) / kBlock);
    stream.Skip(std::min(step, view->size()));
  }
  EXPECT_EQ(device.bytes_read(), bytes);
}

TEST(MetadataStreamTest, ShowsEveryBlockInOrder) {
  for (const uint64_t bytes : {kBlock, uint64_t{1} << 20, (uint64_t{4} << 20) + kBlock, uint64_t{13} << 20}) {
    for (const uint64_t step : {kBlock, 7 * kBlock, uint64_t{format::kGroupBytesMax}}) ReadAll(bytes, step);
  }
}

TEST(MetadataStreamTest, AnEmptyRegionShowsNothing) {
  MemoryDevice device(kBlock);
  MetadataStream stream(&device, 0, 0);
  EXPECT_TRUE(stream.Peek()->empty());
}

TEST(MetadataStreamTest, SaysWhatCannotBeRead) {
  MemoryDevice device(16 << 20);
  device.set_fault([](const IoRequest& request) {
    return request.offset >= (6 << 20) ? absl::DataLossError("EIO") : absl::OkStatus();
  });
  MetadataStream stream(&device, 0, 16 << 20);
  uint64_t seen = 0;
  absl::Status status;
  while (status.ok() && seen < (16 << 20)) {
    status = stream.Peek().status();
    stream.Skip(format::kGroupBytesMax);
    seen += format::kGroupBytesMax;
  }
  EXPECT_TRUE(absl::IsDataLoss(status));
}

}  // namespace
}  // namespace slotwise
