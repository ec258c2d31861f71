// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_TESTING_LOG_STORE_H_
#define SLOTWISE_RAWBLOCK_TESTING_LOG_STORE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "iouring/device.h"
#include "rawblock/disk/record.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/log/index.h"
#include "rawblock/testing/memory_device.h"

namespace slotwise {

// A device in memory with the regions of a small store: a ring of 1 MiB and
// checkpoint slots of two chunks. For the tests of the journal and checkpoints,
// which see what was written and make it fail or damage it.
class LogStore {
 public:
  static constexpr uint64_t kBlock = 4096;

  LogStore();

  MemoryDevice* device() { return &device_; }
  const StoreHeader& header() const { return header_; }
  const Layout& layout() const { return header_.layout; }
  // The bytes of the ring.
  std::span<std::byte> ring();

  // The operations that reached the device, one letter each: "w", "f", "r".
  const std::string& operations() const { return operations_; }
  // The next operations with this letter fail with kDataLoss; 0: none.
  void FailAll(char operation) { failing_ = operation; }
  // Operations of this letter that touch the block at `offset` fail so; 0: none.
  void FailAt(char operation, uint64_t offset) {
    failing_there_ = operation;
    failing_offset_ = offset;
  }
  void FailReadsAt(uint64_t offset) { FailAt('r', offset); }
  // Polls until nothing is in flight.
  void Finish();

  // A put of "key<i>": 100 bytes in block i of the data region.
  // Its key lives as long as this.
  Record Put(uint64_t i);
  // The keys of the published entries, sorted, with a space between them.
  static std::string Keys(const Index& index);

 private:
  absl::Status Watch(const IoRequest& request);

  MemoryDevice device_;
  StoreHeader header_;
  std::string operations_;
  char failing_ = 0;
  char failing_there_ = 0;
  uint64_t failing_offset_ = 0;
  std::deque<std::string> keys_;  // that the records borrow
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_TESTING_LOG_STORE_H_
