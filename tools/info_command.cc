// SPDX-License-Identifier: Apache-2.0
#include "tools/info_command.h"

#include <iostream>
#include <memory>

#include "absl/status/statusor.h"
#include "rawblock/raw_block_core.h"
#include "tools/read_only_store.h"
#include "tools/store_description.h"

namespace slotwise {

ExitCode RunInfo(const std::string& device, bool buffered) {
  const absl::StatusOr<std::unique_ptr<ReadOnlyStore>> store = ReadOnlyStore::Open(device, buffered);
  if (!store.ok()) return Fail(store.status());
  const RawBlockCore& core = (*store)->core();
  std::cout << DescribeStore(device, core.header()) << DescribeIo((*store)->engine(), (*store)->buffers())
            << DescribeOccupancy(core.occupancy());
  return ExitCode::kDone;
}

}  // namespace slotwise
