// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TESTS_SIMULATION_STORE_MODEL_H_
#define SLOTWISE_TESTS_SIMULATION_STORE_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slotwise {

// What a store may answer, given what it was asked and has acknowledged. For each of a fixed set of keys it keeps the
// versions that the key may have: each is a payload or "not there", in the order in which they take effect.
//
//   survivors   what may be there after a crash: the newest version that is
//               durable, and everything later
//   current     what may be there now: the newest version that was
//               acknowledged, and everything later
//
// It knows nothing of space, devices or faults. One thread.
class StoreModel {
 public:
  struct Version {
    uint64_t id = 0;     // unique for its key; names the payload's bytes
    uint32_t bytes = 0;  // 0: not there
    bool acknowledged = false;
    uint64_t acknowledged_at = 0;

    bool present() const { return bytes > 0; }
  };

  explicit StoreModel(std::vector<std::string> keys);

  size_t size() const { return keys_.size(); }
  const std::string& key(size_t key) const { return keys_[key].name; }
  // size() if the model has no such key.
  size_t Find(std::string_view name) const;

  // A change that may take effect from now on; `bytes` 0: a removal. Its id.
  uint64_t Begin(size_t key, uint32_t bytes);
  // It took effect; `durable`: for good.
  void Acknowledge(size_t key, uint64_t id, bool durable);
  // It did not and never will take effect.
  void Withdraw(size_t key, uint64_t id);
  // The store dropped the key by itself, before what is under way takes effect.
  void Drop(size_t key);

  // A point in time, for DurableUpTo.
  uint64_t Now() const { return now_; }
  // What was acknowledged up to `moment` is durable.
  void DurableUpTo(uint64_t moment);
  // The same for one key.
  void DurableUpTo(size_t key, uint64_t moment);
  // After recovery: the key has this version, durably, and nothing is under way.
  void Settle(size_t key, const Version& version);

  std::span<const Version> Survivors(size_t key) const;
  std::span<const Version> Current(size_t key) const;
  // Every payload the key was ever given, for telling old bytes from wrong ones.
  std::span<const Version> History(size_t key) const { return keys_[key].history; }
  bool InFlight(size_t key) const;

  // The bytes of a version.
  std::vector<std::byte> Payload(size_t key, const Version& version) const;
  bool Matches(size_t key, const Version& version, std::span<const std::byte> payload) const;

 private:
  struct Key {
    std::string name;
    std::vector<Version> versions;  // from the newest durable one on
    std::vector<Version> history;
  };

  std::vector<Version>::iterator At(size_t key, uint64_t id);
  static size_t NewestAcknowledged(const Key& key);

  std::vector<Key> keys_;
  uint64_t next_id_ = 1;
  uint64_t now_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_TESTS_SIMULATION_STORE_MODEL_H_
