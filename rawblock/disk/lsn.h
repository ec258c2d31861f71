// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_DISK_LSN_H_
#define SLOTWISE_RAWBLOCK_DISK_LSN_H_

#include <compare>
#include <cstdint>

namespace slotwise {

// Log sequence number: it numbers journal records over the whole life of a store, without gaps within a session. No
// number is used twice.
class Lsn {
 public:
  constexpr Lsn() = default;
  constexpr explicit Lsn(uint64_t value) : value_(value) {}
  constexpr uint64_t value() const { return value_; }
  constexpr Lsn Plus(uint64_t records) const { return Lsn(value_ + records); }

  friend constexpr auto operator<=>(Lsn, Lsn) = default;

 private:
  uint64_t value_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_DISK_LSN_H_
