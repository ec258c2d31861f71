// SPDX-License-Identifier: Apache-2.0
#include "allocator/testing/process_memory.h"

#include <malloc.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "glog/logging.h"

namespace slotwise {
namespace {

// The touched pages of the anonymous maps: those whose header names no file, nor the
// heap or a stack.
uint64_t TouchedMapBytes() {
  std::ifstream maps("/proc/self/smaps");
  CHECK(maps) << "cannot read /proc/self/smaps";
  uint64_t kib_total = 0;
  bool anonymous = false;
  for (std::string line; std::getline(maps, line);) {
    unsigned long long kib = 0;
    int header_end = 0;
    if (std::sscanf(line.c_str(), "%*x-%*x %*s %*x %*s %*u%n", &header_end); header_end > 0) {
      anonymous = line.find_first_not_of(' ', header_end) == std::string::npos;
    } else if (anonymous && std::sscanf(line.c_str(), "Rss: %llu kB", &kib) == 1) {
      kib_total += kib;
    }
  }
  return kib_total << 10;
}

}  // namespace

uint64_t ProcessMemoryBytes() {
  CHECK_EQ(mallopt(M_MMAP_THRESHOLD, 128 << 10), 1);
  return mallinfo2().uordblks + TouchedMapBytes();
}

}  // namespace slotwise
