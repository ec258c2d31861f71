// SPDX-License-Identifier: Apache-2.0
#include "tools/stores/store_arguments.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "allocator/allocator_options.h"
#include "rawblock/make/format_plan.h"
#include "tools/base/byte_size.h"
#include "tools/base/command_line.h"
#include "tools/traces/compression.h"
#include "tools/traces/model_profile.h"
#include "tools/traces/scale.h"

namespace slotwise {
namespace {

absl::StatusOr<uint64_t> ParseCapacity(const std::string& text) {
  if (text.empty()) return 0;
  absl::StatusOr<uint64_t> bytes = ParseByteSize(text);
  if (bytes.ok() && *bytes == 0) return absl::InvalidArgumentError("a capacity of 0 holds nothing");
  return bytes;
}

}  // namespace

absl::StatusOr<PayloadSizer> MakePayloadSizer(const StoreArguments& arguments, uint64_t seed) {
  const absl::StatusOr<ModelProfile> profile = FindModelProfile(arguments.model);
  if (!profile.ok()) return InOption("--model", profile.status());
  const absl::StatusOr<Scale> scale = ParseScale(arguments.scale);
  if (!scale.ok()) return InOption("--scale", scale.status());
  const absl::StatusOr<Compression> compression = ParseCompression(arguments.compression);
  if (!compression.ok()) return InOption("--compression", compression.status());
  return PayloadSizer(*profile, *scale, *compression, seed);
}

absl::StatusOr<StoreRequest> MakeStoreRequest(const StoreArguments& arguments) {
  StoreRequest request;
  request.path = arguments.device;
  request.buffered = arguments.buffered;
  request.force = arguments.force;
  const absl::StatusOr<uint64_t> capacity = ParseCapacity(arguments.capacity);
  if (!capacity.ok()) return InOption("--capacity", capacity.status());
  request.capacity_bytes = *capacity;
  if (!arguments.allocator.empty()) {
    const absl::StatusOr<AllocatorOptions::Engine> engine = EngineFromName(arguments.allocator);
    if (!engine.ok()) return engine.status();
    request.engine = *engine;
  }
  const absl::StatusOr<PayloadSizer> sizer = MakePayloadSizer(arguments, /*seed=*/0);
  if (!sizer.ok()) return sizer.status();
  request.sizes = ChunkSizesOf(*sizer);
  return request;
}

}  // namespace slotwise
