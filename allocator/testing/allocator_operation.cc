// SPDX-License-Identifier: Apache-2.0
#include "allocator/testing/allocator_operation.h"

#include <ostream>

namespace slotwise {
namespace {

void Print(std::ostream& out, const AllocateOperation& operation) { out << "Allocate " << operation.count; }
void Print(std::ostream& out, const FreeOperation& operation) { out << "Free age " << operation.age; }
void Print(std::ostream& out, const MarkOperation& operation) { out << "Mark " << operation.placement; }
void Print(std::ostream& out, const EvictAndAllocateOperation& operation) {
  out << "EvictAndAllocate " << operation.count;
}
void Print(std::ostream& out, const RebuildOperation& operation) { out << "Rebuild seed " << operation.seed; }

}  // namespace

std::ostream& operator<<(std::ostream& out, const AllocatorOperation& operation) {
  std::visit([&out](const auto& one) { Print(out, one); }, operation);
  return out;
}

}  // namespace slotwise
