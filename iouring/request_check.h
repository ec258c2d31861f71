// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_REQUEST_CHECK_H_
#define SLOTWISE_IOURING_REQUEST_CHECK_H_

#include <cstddef>
#include <cstdint>

#include "iouring/device.h"

namespace slotwise {

// The most buffers of one request: IOV_MAX of Linux.
inline constexpr size_t kBuffersMax = 1024;

// Aborts unless `request` keeps what Device::Submit requires of it. Returns the bytes that its buffers hold together.
// O(buffers).
uint64_t CheckRequest(const IoRequest& request, const Device& device);

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_REQUEST_CHECK_H_
