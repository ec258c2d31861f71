// SPDX-License-Identifier: Apache-2.0
#include "tools/base/memory_limit.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "absl/strings/str_cat.h"
#include "tools/base/byte_size.h"

namespace slotwise {
namespace {

constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

uint64_t MachineMemory() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  return pages > 0 && page_bytes > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_bytes) : kNoLimit;
}

// The file says "max" where there is no limit.
uint64_t GroupMemory() {
  uint64_t bytes = 0;
  return std::ifstream("/sys/fs/cgroup/memory.max") >> bytes ? bytes : kNoLimit;
}

uint64_t MappableMemory() {
  rlimit limit = {};
  return ::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : kNoLimit;
}

}  // namespace

uint64_t MemoryLimit() { return std::min({MachineMemory(), GroupMemory(), MappableMemory()}); }

absl::Status CheckMemory(absl::string_view what, uint64_t count, uint64_t bytes_each) {
  const uint64_t limit = MemoryLimit();
  if (bytes_each == 0 || count <= limit / 2 / bytes_each) return absl::OkStatus();
  const std::string taken = count <= kNoLimit / bytes_each ? FormatByteSize(count * bytes_each) : "more than 16 EiB";
  return absl::InvalidArgumentError(absl::StrCat(what, ": that takes about ", taken,
                                                 " of memory, and this process has ", FormatByteSize(limit),
                                                 "; ask for less"));
}

}  // namespace slotwise
