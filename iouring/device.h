// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_DEVICE_H_
#define SLOTWISE_IOURING_DEVICE_H_

#include <sys/uio.h>

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace slotwise {

// One transfer. The caller owns it, and it must neither move nor die before
// `done` is called.
struct IoRequest {
  enum class Op : uint8_t {
    kRead,
    kWrite,
    kFlush,    // makes every write that had completed before its Submit durable
    kDiscard,  // the range's contents are no longer needed
  };

  Op op = Op::kRead;
  uint64_t offset = 0;                 // bytes, a multiple of alignment()
  uint64_t length = 0;                 // bytes, of a kDiscard only
  std::span<const iovec> buffers;      // borrowed until done; each aligned in address and length
  void (*done)(IoRequest*) = nullptr;  // called exactly once, from Poll
  absl::Status status;                 // set before done; OK: every byte moved
};

// Bytes on a block device or a regular file, which are the same to everything
// above. Errors of the operating system keep their errno in the message;
// EIO and its kin are kDataLoss.
//
// Not thread-safe: one thread owns a device and calls everything on it. A done
// callback may Submit, but must not Poll or destroy the device.
class Device {
 public:
  // Waits for what is in flight; `done` of each is called.
  virtual ~Device() = default;

  virtual uint64_t size() const = 0;       // bytes, a multiple of alignment()
  virtual uint32_t alignment() const = 0;  // bytes, of offsets, lengths and addresses
  virtual int queue_depth() const = 0;     // the most requests in flight
  virtual int in_flight() const = 0;

  // Takes `request`. Never blocks, never calls back inline.
  // REQUIRES: aligned, in bounds, at most 1024 buffers, in_flight() < queue_depth().
  virtual void Submit(IoRequest* request) = 0;

  // Sends what was submitted, waits for at least one completion or `timeout`,
  // then calls `done` of all that have completed. Returns at once when nothing
  // is in flight. An error means that the device as a whole is unusable; errors
  // of single requests are in their status.
  virtual absl::Status Poll(absl::Duration timeout) = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_DEVICE_H_
