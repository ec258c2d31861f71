// SPDX-License-Identifier: Apache-2.0
#include "allocator/extent.h"

#include <ostream>

namespace slotwise {

std::ostream& operator<<(std::ostream& out, BlockCount count) { return out << count.value(); }

std::ostream& operator<<(std::ostream& out, BlockIndex index) { return out << index.value(); }

std::ostream& operator<<(std::ostream& out, const Extent& extent) {
  return out << "[" << extent.start() << ", " << extent.end() << ")";
}

std::ostream& operator<<(std::ostream& out, const Placement& placement) {
  for (const Extent& extent : placement) out << extent;
  return out;
}

}  // namespace slotwise
