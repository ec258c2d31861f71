// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/disk_image.h"

#include <algorithm>
#include <cstring>

#include "glog/logging.h"

namespace slotwise {
namespace {

constexpr size_t kGarbagePages = 8;

}  // namespace

DiskImage::DiskImage(uint64_t bytes, uint32_t sector_bytes)
    : sector_bytes_(sector_bytes),
      pages_(bytes / kPageBytes, std::make_shared<Page>()),
      marks_(bytes / sector_bytes, uint8_t{0}) {
  CHECK_EQ(bytes % kPageBytes, 0u);
  CHECK_EQ(kPageBytes % sector_bytes, 0u);
}

void DiskImage::FillWithGarbage(SeededRandom* random) {
  std::array<std::shared_ptr<Page>, kGarbagePages> garbage;
  for (std::shared_ptr<Page>& page : garbage) {
    page = std::make_shared<Page>();
    for (std::byte& byte : *page) byte = static_cast<std::byte>(random->Next());
  }
  for (std::shared_ptr<Page>& page : pages_) page = garbage[random->Below(kGarbagePages)];
}

DiskImage::Page& DiskImage::Own(uint64_t page) {
  std::shared_ptr<Page>& owned = pages_[page];
  if (owned.use_count() > 1) owned = std::make_shared<Page>(*owned);
  return *owned;
}

void DiskImage::Read(uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const uint64_t within = offset % kPageBytes;
    const uint64_t bytes = std::min<uint64_t>(out.size(), kPageBytes - within);
    std::memcpy(out.data(), pages_[offset / kPageBytes]->data() + within, bytes);
    offset += bytes;
    out = out.subspan(bytes);
  }
}

void DiskImage::Write(uint64_t offset, std::span<const std::byte> bytes) {
  const auto first = marks_.begin() + static_cast<ptrdiff_t>(offset / sector_bytes_);
  std::fill_n(first, bytes.size() / sector_bytes_, uint8_t{0});
  while (!bytes.empty()) {
    const uint64_t within = offset % kPageBytes;
    const uint64_t part = std::min<uint64_t>(bytes.size(), kPageBytes - within);
    std::memcpy(Own(offset / kPageBytes).data() + within, bytes.data(), part);
    offset += part;
    bytes = bytes.subspan(part);
  }
}

void DiskImage::FlipBit(uint64_t offset, int bit) {
  Own(offset / kPageBytes)[offset % kPageBytes] ^= static_cast<std::byte>(1 << bit);
  Mark(offset, 1, kDamaged);
}

void DiskImage::Mark(uint64_t offset, uint64_t length, uint8_t marks) {
  const uint64_t end = (offset + length + sector_bytes_ - 1) / sector_bytes_;
  for (uint64_t sector = offset / sector_bytes_; sector < end; ++sector) marks_[sector] |= marks;
}

void DiskImage::ClearMarks() { std::ranges::fill(marks_, uint8_t{0}); }

uint8_t DiskImage::Marks(uint64_t offset, uint64_t length) const {
  const uint64_t end = (offset + length + sector_bytes_ - 1) / sector_bytes_;
  uint8_t marks = 0;
  for (uint64_t sector = offset / sector_bytes_; sector < end; ++sector) marks |= marks_[sector];
  return marks;
}

}  // namespace slotwise
