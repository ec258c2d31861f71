// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_DEVICE_H_
#define SLOTWISE_IOURING_DEVICE_H_

#include <sys/uio.h>

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace slotwise {

class RetryingDevice;

// One transfer. The caller owns it, and it must neither move nor die before
// `done` is called.
struct IoRequest {
  enum class Op : uint8_t {
    kRead,
    kWrite,
    kFlush,  // makes every write that had completed before its Submit durable
  };

  Op op = Op::kRead;
  uint64_t offset = 0;                 // bytes, a multiple of alignment()
  std::span<const iovec> buffers;      // borrowed until done; each aligned in address and length
  void (*done)(IoRequest*) = nullptr;  // called exactly once, from Poll
  absl::Status status;                 // set before done; OK: every byte moved

  // The device's own, from Submit to done.
  struct Progress {
    IoRequest* next = nullptr;  // the request that waits behind this one
    uint64_t length = 0;        // bytes to move
    uint64_t begun = 0;         // bytes in the parts that have begun
    uint32_t parts = 0;         // that have begun and not ended
    bool given_up = false;      // by Cancel
  };
  Progress progress;

  // A RetryingDevice's own, from Submit to done.
  struct Attempts {
    RetryingDevice* device = nullptr;
    void (*done)(IoRequest*) = nullptr;  // the caller's
    int failures = 0;
    bool cancelled = false;
    absl::Time again = {};                    // when it is submitted again
    absl::Time until = absl::InfinitePast();  // it is not, after this
  };
  Attempts attempts;
};

inline constexpr int kQueueDepthMax = 4096;  // of a Device

// Bytes on a block device or a regular file, which are the same to everything
// above. Errors of the operating system keep their errno in the message;
// EIO and its kin are kDataLoss.
//
// Not thread-safe: one thread owns a device and calls everything on it. All its
// components share the one queue: each submits without asking how full it is. A
// done callback may Submit and Cancel, but must not Poll, Close or destroy the
// device.
//
// A device belongs to the process that opened it. In a fork of that process Poll
// fails (kFailedPrecondition), and Close and the destructor close descriptors
// and nothing else: requests in flight are the other process's.
class Device {
 public:
  // Closes it. REQUIRES: that succeeds; a fork may always.
  virtual ~Device() = default;

  virtual uint64_t size() const = 0;       // bytes, a multiple of alignment()
  virtual uint32_t alignment() const = 0;  // bytes, a power of two, of offsets, lengths and addresses
  virtual int queue_depth() const = 0;     // the most transfers that the system is given at a time
  virtual int in_flight() const = 0;       // requests submitted and not done

  // Takes `request`, which waits for its turn, first in, first out, while the
  // queue is full. Never blocks, never calls back inline, allocates nothing.
  // REQUIRES: aligned, in bounds, at most 1024 buffers; the device is open.
  virtual void Submit(IoRequest* request) = 0;

  // Asks that `request` be given up. Its `done` comes from Poll as ever: with
  // kCancelled if it was given up, and then part of it may have moved; else as
  // it would have ended. What has not begun never does, and is done at the next
  // Poll. What has is done when the system has let go of its buffers, which may
  // take as long as without Cancel. Never blocks, never calls back inline. A
  // device that cannot give anything up does nothing here.
  // REQUIRES: `request` was submitted and is not done.
  virtual void Cancel(IoRequest* request) { static_cast<void>(request); }

  // Sends what was submitted, waits for at least one completion or `timeout`,
  // then calls `done` of all that have completed. Returns at once when nothing
  // is in flight, and may return early with nothing done. Where the system
  // lacks a resource for the moment, it tries again, with pauses, until
  // `timeout`. Errors of single requests are in their status. An error here
  // means that the system could not be asked at all: the requests stay with the
  // device, their buffers stay lent, and Poll may be called again.
  virtual absl::Status Poll(absl::Duration timeout) = 0;

  // Waits for what is in flight, and for what its callbacks submit meanwhile;
  // `done` of each is called. Then lets go of the device, which can be opened
  // again at once: nothing completes any more, and nothing may be submitted. On
  // an error, as of Poll, the device stays open. Closed twice is closed.
  virtual absl::Status Close() = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_DEVICE_H_
