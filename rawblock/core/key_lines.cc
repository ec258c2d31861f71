// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/key_lines.h"

#include <utility>

#include "glog/logging.h"

namespace slotwise {
namespace {

// A table that has grown for a burst is made smaller when it is almost empty.
constexpr size_t kSlotsKept = 8192;
constexpr size_t kSlotsPerLine = 16;

}  // namespace

void KeyLines::Enter(Operation* write) {
  ++size_;
  const auto [line, alone] = lines_.try_emplace(write->key, Line{.first = write, .last = write});
  if (alone) return due_.push_back(write);
  line->second.last->next_of_key = write;
  line->second.last = write;
}

Operation* KeyLines::Next() {
  if (due_.empty()) return nullptr;
  Operation* const write = due_.front();
  due_.pop_front();
  return write;
}

// The key in the table is the first one's own, so the next one brings another.
void KeyLines::Leave(Operation* write) {
  const auto found = lines_.find(write->key);
  CHECK(found != lines_.end() && found->second.first == write);
  const Line line = found->second;
  lines_.erase(found);
  --size_;
  if (Operation* const next = std::exchange(write->next_of_key, nullptr); next != nullptr) {
    lines_.emplace(next->key, Line{.first = next, .last = line.last});
    due_.push_back(next);
  }
  if (lines_.capacity() > kSlotsKept && lines_.size() * kSlotsPerLine < lines_.capacity()) lines_.rehash(0);
}

void KeyLines::CheckInvariants() const {
  size_t operations = 0;
  for (const auto& [key, line] : lines_) {
    CHECK(line.first->key == key);
    const Operation* last = nullptr;
    for (const Operation* write = line.first; write != nullptr; write = write->next_of_key) {
      CHECK(write->key == key);
      CHECK(write->kind == Operation::Kind::kPut || write->kind == Operation::Kind::kRemove);
      last = write;
      ++operations;
    }
    CHECK(last == line.last);
  }
  CHECK_EQ(operations, size_);
  CHECK_LE(due_.size(), lines_.size());
}

}  // namespace slotwise
