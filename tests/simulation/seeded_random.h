// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TESTS_SIMULATION_SEEDED_RANDOM_H_
#define SLOTWISE_TESTS_SIMULATION_SEEDED_RANDOM_H_

#include <cstdint>

namespace slotwise {

// The same numbers from the same seed on every machine: SplitMix64. A copy goes
// on as its original does.
class SeededRandom {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

  // In [0, limit). REQUIRES: limit > 0.
  uint64_t Below(uint64_t limit) { return Next() % limit; }
  // In [first, last].
  uint64_t Between(uint64_t first, uint64_t last) { return first + Below(last - first + 1); }
  // True once in `n` times; never if n is 0.
  bool OneIn(uint64_t n) { return n != 0 && Below(n) == 0; }

 private:
  uint64_t state_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TESTS_SIMULATION_SEEDED_RANDOM_H_
