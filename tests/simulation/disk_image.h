// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TESTS_SIMULATION_DISK_IMAGE_H_
#define SLOTWISE_TESTS_SIMULATION_DISK_IMAGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tests/simulation/seeded_random.h"

namespace slotwise {

// The sectors of a disk: bytes, and what is wrong with them. A copy shares its
// pages until one of the two writes them, so forks are cheap. One thread.
class DiskImage {
 public:
  static constexpr uint64_t kPageBytes = 4096;

  // Marks of a sector; a write clears them.
  static constexpr uint8_t kDamaged = 1;     // a fault changed it
  static constexpr uint8_t kUnreadable = 2;  // a read fails

  // All zeros. `bytes` is a multiple of kPageBytes, and that of `sector_bytes`.
  DiskImage(uint64_t bytes, uint32_t sector_bytes);

  // Gives every page one of a few random contents.
  void FillWithGarbage(SeededRandom* random);

  uint64_t size() const { return pages_.size() * kPageBytes; }
  uint32_t sector_bytes() const { return sector_bytes_; }

  // Ranges are in bytes, in bounds, and whole sectors.
  void Read(uint64_t offset, std::span<std::byte> out) const;
  void Write(uint64_t offset, std::span<const std::byte> bytes);
  void FlipBit(uint64_t offset, int bit);

  void Mark(uint64_t offset, uint64_t length, uint8_t marks);
  void ClearMarks();
  // Every mark that a sector of the range has.
  uint8_t Marks(uint64_t offset, uint64_t length) const;

 private:
  using Page = std::array<std::byte, kPageBytes>;

  // The page, no longer shared.
  Page& Own(uint64_t page);

  uint32_t sector_bytes_;
  std::vector<std::shared_ptr<Page>> pages_;
  std::vector<uint8_t> marks_;  // by sector
};

}  // namespace slotwise

#endif  // SLOTWISE_TESTS_SIMULATION_DISK_IMAGE_H_
