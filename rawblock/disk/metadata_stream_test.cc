// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/metadata_stream.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

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

// Reads `bytes` to their end.
absl::Status ReadToEnd(MetadataStream* stream, uint64_t bytes) {
  absl::Status status;
  for (uint64_t seen = 0; status.ok() && seen < bytes; seen += format::kGroupBytesMax) {
    status = stream->Peek().status();
    stream->Skip(format::kGroupBytesMax);
  }
  return status;
}

TEST(MetadataStreamTest, AFailureOfTheDeviceEndsIt) {
  MemoryDevice device(16 << 20);
  device.set_fault([](const IoRequest& request) {
    return request.offset >= (6 << 20) ? absl::UnavailableError("ENODEV") : absl::OkStatus();
  });
  MetadataStream stream(&device, 0, 16 << 20);
  EXPECT_TRUE(absl::IsUnavailable(ReadToEnd(&stream, 16 << 20)));
}

TEST(MetadataStreamTest, AnUnreadableBlockShowsZerosAndCostsNoOther) {
  constexpr uint64_t kBad = (5 << 20) + 3 * kBlock;
  MemoryDevice device(16 << 20);
  std::ranges::fill(device.bytes(), std::byte{7});
  device.set_fault([](const IoRequest& request) {
    const uint64_t end = request.offset + request.buffers.front().iov_len;
    if (kBad < request.offset || kBad >= end) return absl::OkStatus();
    std::memset(request.buffers.front().iov_base, 9, request.buffers.front().iov_len);
    return absl::DataLossError("EIO");
  });
  MetadataStream stream(&device, 0, 16 << 20);
  for (uint64_t at = 0; at < (16 << 20); at += kBlock) {
    const std::span<const std::byte> seen = stream.Peek().value();
    const std::byte expected{at == kBad ? uint8_t{0} : uint8_t{7}};
    ASSERT_TRUE(std::ranges::all_of(seen.first(kBlock), [&](std::byte byte) { return byte == expected; })) << at;
    stream.Skip(kBlock);
  }
  EXPECT_EQ(stream.unreadable(), std::vector<uint64_t>{kBad});
}

}  // namespace
}  // namespace slotwise
