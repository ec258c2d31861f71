// SPDX-License-Identifier: Apache-2.0
// Writes a golden image, for an engine that has none yet or a new version of the
// format. An image that is in the repository is never made again.
//
//   bazel run //tests/golden:make_golden_image -- extent /tmp/image
//   gzip -9 --no-name </tmp/image >tests/golden/version_2_extent.gz
#include <string_view>

#include "absl/status/statusor.h"
#include "allocator/allocator_options.h"
#include "glog/logging.h"
#include "rawblock/store/output_file.h"
#include "rawblock/testing/memory_device.h"
#include "tests/golden/golden_store.h"

int main(int argc, char** argv) {
  CHECK_EQ(argc, 3) << "usage: make_golden_image ENGINE FILE";
  const absl::StatusOr<slotwise::AllocatorOptions::Engine> engine = slotwise::EngineFromName(argv[1]);
  CHECK(engine.ok()) << engine.status();
  slotwise::MemoryDevice device(slotwise::kGoldenBytes);
  slotwise::MakeGoldenStore(*engine, &device);
  const std::string_view image(reinterpret_cast<const char*>(device.bytes().data()), device.bytes().size());
  const absl::Status written = slotwise::WriteOutputFile(argv[2], image);
  CHECK(written.ok()) << written;
}
