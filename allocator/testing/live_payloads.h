// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_TESTING_LIVE_PAYLOADS_H_
#define SLOTWISE_ALLOCATOR_TESTING_LIVE_PAYLOADS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "allocator/allocator.h"
#include "allocator/extent.h"

namespace slotwise {

// The payloads that live in an allocator, and victims drawn at random among them.
// Each payload has a cell, a small number that is used again after its eviction.
class LivePayloads {
 public:
  struct Payload {
    Placement placement;
    BlockCount count;  // what was asked for
  };

  bool empty() const { return live_.empty(); }
  size_t size() const { return live_.size(); }
  // What was asked for, all together.
  BlockCount blocks() const { return blocks_; }
  // Of all placements together.
  uint64_t extents() const { return extents_; }
  // REQUIRES: a payload lives in `cell`.
  const Payload& at(uint32_t cell) const { return payloads_[cell]; }

  // The cell that the next Insert uses.
  uint32_t next_cell() const {
    return free_cells_.empty() ? static_cast<uint32_t>(payloads_.size()) : free_cells_.back();
  }
  void Insert(const Placement& placement, BlockCount count);
  // REQUIRES: a payload lives in `cell`.
  void Remove(uint32_t cell);

  // Any of them.
  // REQUIRES: !empty().
  uint32_t Draw(std::mt19937_64& random) const { return live_[random() % live_.size()]; }
  // Any of those whose eviction helps Allocate(count), each equally likely; nullopt if
  // none does. Tries some at random; when that took as much as an eighth of all, for
  // one request together, asks about all and keeps those that help for its next draws.
  std::optional<uint32_t> DrawHelping(const Allocator& allocator, BlockCount count, std::mt19937_64& random);
  // To be called between two requests.
  void Forget();

 private:
  std::optional<uint32_t> DrawKept(const Allocator& allocator, BlockCount count, std::mt19937_64& random);
  bool Helps(const Allocator& allocator, uint32_t cell, BlockCount count) const;

  std::vector<Payload> payloads_;    // by cell
  std::vector<uint32_t> positions_;  // by cell: where it is in live_
  std::vector<uint32_t> live_;       // cells, in no order
  std::vector<uint32_t> free_cells_;
  // Of the request at hand: how many were tried at random, and cells that helped when
  // all were asked.
  size_t tried_ = 0;
  std::vector<uint32_t> helping_;
  BlockCount blocks_;
  uint64_t extents_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_TESTING_LIVE_PAYLOADS_H_
