// SPDX-License-Identifier: Apache-2.0
// main() of a fuzz target that has no fuzzing engine: runs each file named on
// the command line, and each file under each directory, once.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace {
int Replay(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "cannot open %s\n", path.c_str());
    return -1;
  }
  const std::string s((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::fprintf(stderr, "Running: %s (%zu bytes)\n", path.c_str(), s.size());
  // A copy of exactly that size, so that ASan sees an over-read.
  const std::vector<uint8_t> copy(s.begin(), s.end());
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
  return 1;
}
}  // namespace

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  int ran = 0;
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] == '-') continue;  // an engine's flag
    if (std::filesystem::is_directory(argv[i])) {
      for (const auto& e : std::filesystem::recursive_directory_iterator(argv[i])) {
        if (!e.is_regular_file()) continue;
        if (Replay(e.path()) < 0) return 1;
        ++ran;
      }
    } else {
      if (Replay(argv[i]) < 0) return 1;
      ++ran;
    }
  }
  std::fprintf(stderr, "replayed %d inputs\n", ran);
  return ran == 0 ? 1 : 0;
}
