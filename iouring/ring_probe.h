// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_RING_PROBE_H_
#define SLOTWISE_IOURING_RING_PROBE_H_

#include "absl/status/status.h"
#include "iouring/device_file.h"

namespace slotwise {

// Asks the kernel, by a ring of its own that reads, whether polling for the completions of `file` (IOPOLL) works and
// makes sense: kFailedPrecondition, with the reason, if not. Kernels differ in what they do where the driver has no
// queues to poll: refuse, or spin until the interrupt.
absl::Status CheckPolled(const DeviceFile& file);

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_RING_PROBE_H_
