// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_TESTING_SLOW_WRITERS_H_
#define SLOTWISE_IOURING_TESTING_SLOW_WRITERS_H_

#include <cstdint>
#include <string>

namespace slotwise {

// A group of processes whose writes to a device can be slowed down, so that they are in flight for as long as a test
// wants: a cgroup of the block controller, version 1, as root.
class SlowWriters {
 public:
  // `device` is the path of a block device.
  explicit SlowWriters(const std::string& device);
  SlowWriters(const SlowWriters&) = delete;
  SlowWriters& operator=(const SlowWriters&) = delete;
  ~SlowWriters();

  // 0: as fast as they can. False where the kernel cannot.
  bool Limit(uint64_t bytes_per_second) const;
  // With this process.
  bool Join() const;

 private:
  bool Write(const std::string& name, const std::string& text) const;

  std::string folder_;
  std::string device_;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_TESTING_SLOW_WRITERS_H_
