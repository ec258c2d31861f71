// SPDX-License-Identifier: Apache-2.0
#include "rawblock/make/foreign_signature.h"

#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "iouring/create_file.h"
#include "iouring/device_file.h"

namespace slotwise {
namespace {

constexpr uint64_t kBytes = 16 << 20;

// A member of an array with metadata 1.0, which lies 8 KiB before the end.
constexpr uint64_t kArrayOffset = kBytes - (8 << 10);

std::string ArrayMember() {
  std::array<uint32_t, 128> words{};
  words[0] = 0xa92b4efc;
  words[1] = 1;
  words[4] = 7;  // the UUID of the array
  std::memcpy(&words[8], "host:0", 6);
  words[18] = 1;  // level
  words[20] = kBytes / 512 - 2048;
  words[23] = 2;  // disks
  words[34] = kBytes / 512 - 2048;
  words[36] = kArrayOffset / 512;
  words[55] = 128;
  const uint64_t sum = std::accumulate(words.begin(), words.end(), uint64_t{0});
  words[54] = static_cast<uint32_t>(sum) + static_cast<uint32_t>(sum >> 32);
  return {reinterpret_cast<const char*>(words.data()), sizeof(words)};
}

std::string PartitionTable() {
  std::string sector(512, '\0');
  sector[446 + 4] = '\x83';
  sector[446 + 8] = 8;
  sector[446 + 13] = 16;
  sector[510] = '\x55';
  sector[511] = '\xaa';
  return sector;
}

class ForeignSignatureTest : public testing::Test {
 protected:
  ForeignSignatureTest() {
    ::unlink(path_.c_str());
    EXPECT_TRUE(CreateFile(path_, kBytes).ok());
  }
  ~ForeignSignatureTest() override { ::unlink(path_.c_str()); }

  void Write(uint64_t offset, const std::string& bytes) const {
    std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary).seekp(static_cast<std::streamoff>(offset))
        << bytes;
  }

  void WriteImageOfACd() const {
    Write(32768, absl::StrCat("\x01", "CD001\x01", std::string(33, ' '), "DATA"));
    Write(34816,
          "\xff"
          "CD001\x01");
  }

  std::optional<ForeignSignature> Find() const {
    const absl::StatusOr<std::optional<ForeignSignature>> found =
        FindForeignSignature(DeviceFile::Open(path_, {}).value());
    EXPECT_TRUE(found.ok()) << found.status();
    return found.value_or(std::nullopt);
  }

  std::string Contents() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::string path_ = testing::TempDir() + "/foreign_signature_test";
};

TEST_F(ForeignSignatureTest, BlankAndRandomBytesHaveNone) {
  EXPECT_FALSE(Find().has_value());
  Write(0, "SLOTWISE");
  Write(100'000, "somebody else's");
  EXPECT_FALSE(Find().has_value());
}

TEST_F(ForeignSignatureTest, NamesWhatItIsAndWhere) {
  WriteImageOfACd();
  EXPECT_EQ(Find()->type, "iso9660");
  EXPECT_EQ(Find()->offset, 32769u);
}

TEST_F(ForeignSignatureTest, LooksAtTheEndToo) {
  Write(kArrayOffset, ArrayMember());
  EXPECT_EQ(Find()->type, "linux_raid_member");
  EXPECT_EQ(Find()->offset, kArrayOffset);
}

TEST_F(ForeignSignatureTest, LooksForPartitionTables) {
  Write(0, PartitionTable());
  EXPECT_EQ(Find()->type, "dos");
  EXPECT_EQ(Find()->offset, 510u);
}

TEST_F(ForeignSignatureTest, ErasesAllAndNothingElse) {
  Write(0, PartitionTable());
  WriteImageOfACd();
  Write(kArrayOffset, ArrayMember());
  Write(4 << 20, "payload");
  ASSERT_EQ(EraseForeignSignatures(DeviceFile::Open(path_, {}).value()), absl::OkStatus());
  EXPECT_FALSE(Find().has_value());
  EXPECT_EQ(Contents().substr(4 << 20, 7), "payload");
  EXPECT_EQ(Contents().substr(32768 + 40, 4), "DATA");
}

}  // namespace
}  // namespace slotwise
