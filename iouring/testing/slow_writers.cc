// SPDX-License-Identifier: Apache-2.0
#include "iouring/testing/slow_writers.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fstream>

#include "glog/logging.h"

namespace slotwise {

SlowWriters::SlowWriters(const std::string& device)
    : folder_("/sys/fs/cgroup/blkio/slotwise_" + std::to_string(::getpid())) {
  struct stat info;
  PCHECK(::stat(device.c_str(), &info) == 0);
  device_ = std::to_string(major(info.st_rdev)) + ":" + std::to_string(minor(info.st_rdev));
  ::mkdir(folder_.c_str(), 0700);
}

SlowWriters::~SlowWriters() { ::rmdir(folder_.c_str()); }

bool SlowWriters::Limit(uint64_t bytes_per_second) const {
  return Write("blkio.throttle.write_bps_device", device_ + " " + std::to_string(bytes_per_second));
}

bool SlowWriters::Join() const { return Write("cgroup.procs", std::to_string(::getpid())); }

bool SlowWriters::Write(const std::string& name, const std::string& text) const {
  std::ofstream out(folder_ + "/" + name);
  return (out << text << std::flush).good();
}

}  // namespace slotwise
