// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/format_command.h"

#include <iostream>

#include "absl/status/statusor.h"
#include "iouring/open_device.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/disk/superblock_io.h"
#include "tools/stores/store_description.h"
#include "tools/stores/store_plan.h"

namespace slotwise {

ExitCode RunFormat(const StoreArguments& arguments) {
  const absl::StatusOr<StoreRequest> request = MakeStoreRequest(arguments);
  if (!request.ok()) return Fail(request.status());
  const absl::StatusOr<StorePlan> plan = PlanStoreToFormat(*request);
  if (!plan.ok()) return Fail(plan.status());
  const absl::StatusOr<OpenedDevice> opened = OpenPlannedStore(*plan);
  if (!opened.ok()) return Fail(opened.status());
  const absl::StatusOr<StoreHeader> header = ReadStoreHeader(opened->device.get(), /*copies_bad=*/nullptr);
  if (!header.ok()) return Fail(header.status(), ExitCode::kFailed);
  std::cout << DescribeStore(arguments.device, *header);
  return ExitCode::kDone;
}

}  // namespace slotwise
