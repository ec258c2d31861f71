// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/decompressed_source.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "tools/traces/compressed_bytes.h"
#include "tools/traces/string_source.h"

namespace slotwise {
namespace {

// All that is in `bytes`, read `piece` bytes at a time.
absl::StatusOr<std::string> Decompress(std::string bytes, size_t piece = 1000) {
  DecompressedSource source(std::make_unique<StringSource>(std::move(bytes)), "t");
  std::string text;
  std::vector<char> buffer(piece);
  for (;;) {
    const absl::StatusOr<size_t> count = source.Read(buffer);
    if (!count.ok()) return count.status();
    text.append(buffer.data(), *count);
    if (*count < piece) return text;
  }
}

// Text that compresses, and is longer than every buffer inside.
std::string LongText() {
  std::string text;
  for (uint64_t i = 0; i < 200'000; ++i) text += std::to_string(i * i) + "\n";
  return text;
}

RC_GTEST_PROP(DecompressedSourceTest, GivesBackWhatWasCompressed, (const std::vector<uint8_t>& bytes)) {
  const std::string text(bytes.begin(), bytes.end());
  const size_t piece = *rc::gen::inRange<size_t>(1, 50);
  RC_ASSERT(Decompress(Gzip(text), piece).value() == text);
  RC_ASSERT(Decompress(Zstd(text), piece).value() == text);
}

RC_GTEST_PROP(DecompressedSourceTest, GivesPlainBytesAsTheyAre, (const std::vector<uint8_t>& bytes)) {
  const std::string text = "plain" + std::string(bytes.begin(), bytes.end());
  RC_ASSERT(Decompress(text, *rc::gen::inRange<size_t>(1, 50)).value() == text);
}

TEST(DecompressedSourceTest, ReadsMoreThanItsBuffers) {
  const std::string text = LongText();
  for (const std::string& bytes : {text, Gzip(text), Zstd(text)}) {
    for (const size_t piece : {size_t{4096}, size_t{10'000'000}}) EXPECT_TRUE(Decompress(bytes, piece).value() == text);
  }
}

TEST(DecompressedSourceTest, ReadsMembersAndFramesAfterEachOther) {
  EXPECT_EQ(Decompress(Gzip("one ") + Gzip("") + Gzip("two")).value(), "one two");
  EXPECT_EQ(Decompress(Zstd("one ") + Zstd("") + Zstd("two")).value(), "one two");
}

TEST(DecompressedSourceTest, ShortOrAlmostCompressedIsPlain) {
  for (const char* text : {"", "\x1f", "\x1f\x8b\x08", "\x1f\x8b\x08\xff", "\x28\xb5\x2f"}) {
    EXPECT_EQ(Decompress(text).value(), text);
  }
}

TEST(DecompressedSourceTest, EndsForGood) {
  DecompressedSource source(std::make_unique<StringSource>(Gzip("ab")), "t");
  std::vector<char> buffer(10);
  EXPECT_EQ(*source.Read(buffer), 2u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(*source.Read(buffer), 0u);
}

TEST(DecompressedSourceTest, CutShortAnywhereIsAnErrorWithTheOffset) {
  const std::string text = "a text that is cut short";
  for (const std::string& bytes : {Gzip(text), Zstd(text)}) {
    for (size_t size = 4; size < bytes.size(); ++size) {
      const absl::Status status = Decompress(bytes.substr(0, size)).status();
      const std::string expected = "t: byte " + std::to_string(size) + ": the file ends within its ";
      EXPECT_TRUE(absl::StartsWith(status.message(), expected)) << size << ": " << status;
    }
  }
}

TEST(DecompressedSourceTest, AnyFlippedByteOfTheTextIsFound) {
  const std::string text = LongText().substr(0, 1000);
  for (std::string bytes : {Gzip(text), Zstd(text)}) {
    for (size_t i = bytes.size() / 2; i < bytes.size(); ++i) {
      bytes[i] = static_cast<char>(bytes[i] ^ 0x55);
      const absl::Status status = Decompress(bytes).status();
      EXPECT_TRUE(absl::IsInvalidArgument(status)) << i << ": " << status;
      EXPECT_TRUE(absl::StartsWith(status.message(), "t: byte ")) << status;
      bytes[i] = static_cast<char>(bytes[i] ^ 0x55);
    }
  }
}

TEST(DecompressedSourceTest, BytesBehindTheDataAreDamage) {
  const std::string gzip = Gzip("text");
  EXPECT_EQ(Decompress(gzip + "more").status().message(),
            "t: byte " + std::to_string(gzip.size() + 2) + ": the gzip data are damaged: incorrect header check");
  EXPECT_TRUE(absl::IsInvalidArgument(Decompress(Zstd("text") + "more").status()));
}

TEST(DecompressedSourceTest, ABombIsReadPieceByPiece) {
  const std::string nothing = Zstd(std::string(size_t{64} << 20, '\0'));
  std::string bomb;
  for (int i = 0; i < 16; ++i) bomb += nothing;
  ASSERT_LT(bomb.size(), size_t{1} << 20);
  DecompressedSource source(std::make_unique<StringSource>(bomb), "t");
  std::vector<char> buffer(size_t{1} << 20);
  for (int i = 0; i < 1024; ++i) ASSERT_EQ(*source.Read(buffer), buffer.size());
  EXPECT_EQ(*source.Read(buffer), 0u);
}

class BrokenSource : public ByteSource {
 public:
  absl::StatusOr<size_t> Read(std::span<char>) override { return absl::DataLossError("broken"); }
};

TEST(DecompressedSourceTest, PassesErrorsOn) {
  DecompressedSource source(std::make_unique<BrokenSource>(), "t");
  std::vector<char> buffer(10);
  EXPECT_EQ(source.Read(buffer).status(), absl::DataLossError("broken"));
}

}  // namespace
}  // namespace slotwise
