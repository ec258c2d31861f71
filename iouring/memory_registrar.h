// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_MEMORY_REGISTRAR_H_
#define SLOTWISE_IOURING_MEMORY_REGISTRAR_H_

#include <cstddef>
#include <span>

#include "absl/status/status.h"

namespace slotwise {

// Moves bytes faster from memory that it knows in advance: an io_uring, which pins and maps the pages once instead of
// at every transfer, or a GPU stack. docs/io.md has the implementation for CUDA and ROCm.
class MemoryRegistrar {
 public:
  virtual ~MemoryRegistrar() = default;

  // `memory` stays mapped, at the same pages, until Unregister. On an error
  // nothing is registered.
  virtual absl::Status Register(std::span<std::byte> memory) = 0;

  // REQUIRES: `memory` was registered, and no transfer uses it any more.
  virtual void Unregister(std::span<std::byte> memory) = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_MEMORY_REGISTRAR_H_
