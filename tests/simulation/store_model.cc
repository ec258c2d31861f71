// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/store_model.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tests/simulation/seeded_random.h"

namespace slotwise {

StoreModel::StoreModel(std::vector<std::string> keys) {
  for (std::string& key : keys) {
    keys_.push_back({.name = std::move(key), .versions = {{.acknowledged = true}}, .history = {}});
  }
}

size_t StoreModel::Find(std::string_view name) const {
  return static_cast<size_t>(std::ranges::find(keys_, name, &Key::name) - keys_.begin());
}

std::vector<StoreModel::Version>::iterator StoreModel::At(size_t key, uint64_t id) {
  return std::ranges::find(keys_[key].versions, id, &Version::id);
}

size_t StoreModel::NewestAcknowledged(const Key& key) {
  size_t newest = 0;
  for (size_t i = 0; i < key.versions.size(); ++i) {
    if (key.versions[i].acknowledged) newest = i;
  }
  return newest;
}

uint64_t StoreModel::Begin(size_t key, uint32_t bytes) {
  const Version version{.id = next_id_++, .bytes = bytes};
  keys_[key].versions.push_back(version);
  if (version.present()) keys_[key].history.push_back(version);
  return version.id;
}

void StoreModel::Acknowledge(size_t key, uint64_t id, bool durable) {
  const auto version = At(key, id);
  if (version == keys_[key].versions.end()) return;  // overtaken by a later one that is durable
  version->acknowledged = true;
  version->acknowledged_at = ++now_;
  if (durable) keys_[key].versions.erase(keys_[key].versions.begin(), version);
}

void StoreModel::Withdraw(size_t key, uint64_t id) {
  const auto version = At(key, id);
  if (version != keys_[key].versions.end()) keys_[key].versions.erase(version);
}

void StoreModel::Drop(size_t key) {
  std::vector<Version>& versions = keys_[key].versions;
  const size_t newest = NewestAcknowledged(keys_[key]);
  if (!versions[newest].present()) return;
  versions.insert(versions.begin() + static_cast<ptrdiff_t>(newest) + 1,
                  {.id = next_id_++, .bytes = 0, .acknowledged = true, .acknowledged_at = ++now_});
}

void StoreModel::DurableUpTo(uint64_t moment) {
  for (size_t key = 0; key < size(); ++key) DurableUpTo(key, moment);
}

void StoreModel::DurableUpTo(size_t key, uint64_t moment) {
  std::vector<Version>& versions = keys_[key].versions;
  size_t floor = 0;
  for (size_t i = 0; i < versions.size(); ++i) {
    if (versions[i].acknowledged && versions[i].acknowledged_at <= moment) floor = i;
  }
  versions.erase(versions.begin(), versions.begin() + static_cast<ptrdiff_t>(floor));
}

void StoreModel::Settle(size_t key, const Version& version) {
  keys_[key].versions = {version};
  keys_[key].versions.front().acknowledged = true;
  keys_[key].versions.front().acknowledged_at = ++now_;
}

std::span<const StoreModel::Version> StoreModel::Survivors(size_t key) const { return keys_[key].versions; }

std::span<const StoreModel::Version> StoreModel::Current(size_t key) const {
  return std::span(keys_[key].versions).subspan(NewestAcknowledged(keys_[key]));
}

bool StoreModel::InFlight(size_t key) const {
  return std::ranges::any_of(keys_[key].versions, [](const Version& version) { return !version.acknowledged; });
}

std::vector<std::byte> StoreModel::Payload(size_t key, const Version& version) const {
  SeededRandom random(version.id * size() + key);
  std::vector<std::byte> payload(version.bytes);
  for (size_t at = 0; at < payload.size(); at += sizeof(uint64_t)) {
    const uint64_t word = random.Next();
    std::memcpy(payload.data() + at, &word, std::min(sizeof(word), payload.size() - at));
  }
  return payload;
}

bool StoreModel::Matches(size_t key, const Version& version, std::span<const std::byte> payload) const {
  return version.bytes == payload.size() && std::ranges::equal(Payload(key, version), payload);
}

}  // namespace slotwise
