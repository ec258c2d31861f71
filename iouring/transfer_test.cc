// SPDX-License-Identifier: Apache-2.0
#include "iouring/transfer.h"

#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;

constexpr uint32_t kUnit = 4;

uint64_t Bytes(std::span<const iovec> piece) {
  return std::accumulate(piece.begin(), piece.end(), uint64_t{0},
                         [](uint64_t sum, const iovec& buffer) { return sum + buffer.iov_len; });
}

// Reads the first `bytes` of `piece` from `source` as preadv would.
void Read(std::span<const iovec> piece, const uint8_t* source, uint64_t bytes) {
  for (const iovec& buffer : piece) {
    const uint64_t part = std::min<uint64_t>(bytes, buffer.iov_len);
    if (part > 0) std::memcpy(buffer.iov_base, source, part);
    source += part;
    bytes -= part;
  }
}

// Buffers of the given numbers of units, side by side in `memory`.
std::vector<iovec> Cut(const std::vector<uint8_t>& units, std::vector<uint8_t>* memory) {
  memory->resize(std::accumulate(units.begin(), units.end(), size_t{0}) * kUnit);
  std::vector<iovec> buffers;
  uint8_t* next = memory->data();
  for (const uint8_t count : units) {
    buffers.push_back({next, size_t{count} * kUnit});
    next += size_t{count} * kUnit;
  }
  return buffers;
}

// Whatever the sizes of the buffers (zero among them), the limit of a part and the kernel's short answers, the bytes
// of the device arrive in the order of the buffers, and no piece is empty or too large.
RC_GTEST_PROP(TransferTest, BringsEveryByteToItsPlace, ()) {
  const auto units = *rc::gen::container<std::vector<uint8_t>>(rc::gen::inRange<uint8_t>(0, 9));
  const uint64_t bytes_max = *rc::gen::inRange<uint64_t>(1, 20) * kUnit;
  const auto answers = *rc::gen::nonEmpty(rc::gen::container<std::vector<uint8_t>>(rc::gen::inRange<uint8_t>(4, 200)));
  std::vector<uint8_t> memory;
  const std::vector<iovec> buffers = Cut(units, &memory);
  std::vector<uint8_t> device(memory.size() + 64);
  std::iota(device.begin(), device.end(), uint8_t{1});
  IoRequest request;
  request.offset = 64;
  request.buffers = buffers;
  Transfer transfer;
  size_t step = 0;
  for (uint64_t begun = 0; begun < memory.size(); begun += transfer.length()) {
    transfer.Start(&request, begun, bytes_max, kUnit);
    uint64_t moved = 0;
    do {
      const uint64_t asked = Bytes(transfer.piece());
      RC_ASSERT(asked <= bytes_max);
      RC_ASSERT(asked > 0u);
      moved = std::min<uint64_t>(asked, answers[step++ % answers.size()]);
      Read(transfer.piece(), device.data() + transfer.offset(), moved);
    } while (!transfer.Advance(static_cast<int64_t>(moved), "device"));
    RC_ASSERT(transfer.status().ok());
  }
  RC_ASSERT(std::equal(memory.begin(), memory.end(), device.begin() + 64));
}

TEST(TransferTest, LendsTheRequestsOwnIovecsWhenNothingIsCut) {
  std::vector<uint8_t> memory;
  const std::vector<iovec> buffers = Cut({1, 2, 3}, &memory);
  IoRequest request;
  request.buffers = buffers;
  Transfer transfer;
  transfer.Start(&request, 0, memory.size(), kUnit);
  EXPECT_EQ(transfer.piece().data(), buffers.data());
  EXPECT_EQ(transfer.piece().size(), buffers.size());
}

TEST(TransferTest, AFailureNamesTheOperationThePlaceAndTheDevice) {
  std::vector<uint8_t> memory;
  const std::vector<iovec> buffers = Cut({3}, &memory);
  IoRequest request;
  request.op = IoRequest::Op::kWrite;
  request.offset = 32;
  request.buffers = buffers;
  Transfer transfer;
  transfer.Start(&request, kUnit, 2 * kUnit, kUnit);
  ASSERT_FALSE(transfer.Advance(kUnit, "/dev/x"));
  ASSERT_TRUE(transfer.Advance(-EIO, "/dev/x"));
  EXPECT_TRUE(absl::IsDataLoss(transfer.status()));
  const std::string message(transfer.status().message());
  EXPECT_THAT(message, HasSubstr("write of 8 bytes at offset 36 of /dev/x"));
  EXPECT_THAT(message, HasSubstr("after 4 of 8 bytes"));
  EXPECT_THAT(message, HasSubstr("EIO, errno 5"));
}

}  // namespace
}  // namespace slotwise
