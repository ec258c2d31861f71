// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/key_lines.h"

#include <deque>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

class KeyLinesTest : public testing::Test {
 protected:
  ~KeyLinesTest() override { lines_.CheckInvariants(); }

  // A write whose key is its own memory, as a caller's is.
  Operation* Enter(std::string_view key, Operation::Kind kind = Operation::Kind::kPut) {
    Operation* write = &writes_.emplace_back();
    write->kind = kind;
    write->key = keys_.emplace_back(key);
    lines_.Enter(write);
    lines_.CheckInvariants();
    return write;
  }
  void Leave(Operation* write) {
    lines_.Leave(write);
    // The caller's key may be gone now.
    for (std::string& key : keys_) {
      if (key.data() == write->key.data()) key.assign(key.size(), '?');
    }
    lines_.CheckInvariants();
  }

  std::deque<std::string> keys_;
  std::deque<Operation> writes_;
  KeyLines lines_;
};

TEST_F(KeyLinesTest, OneKeyAfterTheOtherWhateverTheKind) {
  Operation* put = Enter("a");
  Operation* remove = Enter("a", Operation::Kind::kRemove);
  Operation* again = Enter("a");
  EXPECT_EQ(lines_.followers(), 2u);
  EXPECT_EQ(lines_.Next(), put);
  EXPECT_EQ(lines_.Next(), nullptr);
  Leave(put);
  EXPECT_EQ(lines_.Next(), remove);
  EXPECT_EQ(lines_.Next(), nullptr);
  Operation* last = Enter("a");
  Leave(remove);
  EXPECT_EQ(lines_.Next(), again);
  Leave(again);
  EXPECT_EQ(lines_.Next(), last);
  Leave(last);
  EXPECT_TRUE(lines_.empty());
  EXPECT_EQ(lines_.Next(), nullptr);
}

TEST_F(KeyLinesTest, OtherKeysDoNotWait) {
  Operation* a = Enter("a");
  Operation* b = Enter("b");
  EXPECT_EQ(lines_.due(), 2u);
  EXPECT_EQ(lines_.Next(), a);
  EXPECT_EQ(lines_.Next(), b);
  Leave(b);
  Leave(a);
  EXPECT_EQ(lines_.size(), 0u);
}

TEST_F(KeyLinesTest, ManyKeysAndManyOfOneKey) {
  for (int i = 0; i < 20'000; ++i) {
    writes_.emplace_back().kind = Operation::Kind::kPut;
    writes_.back().key = keys_.emplace_back(absl::StrCat("key", i));
    lines_.Enter(&writes_.back());
  }
  for (int i = 0; i < 20'000; ++i) {
    writes_.emplace_back().kind = Operation::Kind::kPut;
    writes_.back().key = keys_.emplace_back("key7");
    lines_.Enter(&writes_.back());
  }
  EXPECT_EQ(lines_.keys(), 20'000u);
  EXPECT_EQ(lines_.followers(), 20'000u);
  size_t left = 0;
  while (Operation* write = lines_.Next()) {
    lines_.Leave(write);
    ++left;
  }
  EXPECT_EQ(left, 40'000u);
}

}  // namespace
}  // namespace slotwise
