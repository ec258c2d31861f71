// SPDX-License-Identifier: Apache-2.0
// Replays a generated workload through the store at argv[1], every put durable,
// and writes a line "<key> <payload bytes>" to standard output for each put that
// was acknowledged. Made to be killed: see crash_test.cc.
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/aligned_buffer.h"
#include "iouring/open_device.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "tools/replay/trace_replayer.h"
#include "tools/stores/store_arguments.h"
#include "tools/traces/chunk_stream.h"
#include "tools/traces/workload.h"

namespace slotwise {
namespace {

constexpr uint64_t kRequests = 2000;  // far more than anybody waits for
constexpr size_t kBuffers = 32;
constexpr size_t kBufferBytes = 64 << 10;

// Tells the parent at once: a line is written whole, or the process is dead.
class AcknowledgementWriter : public ReplayObserver {
 public:
  void OnDurable(const ChunkObject& object) override {
    const std::string line = absl::StrCat(object.key, " ", object.payload_bytes, "\n");
    PCHECK(write(STDOUT_FILENO, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  }
};

void ReplayUntilKilled(const std::string& path, uint64_t seed) {
  absl::StatusOr<OpenedDevice> opened = OpenDevice(path, OpenDeviceOptions());
  CHECK_EQ(opened.status(), absl::OkStatus());
  SystemClock clock;
  AlignedBuffer arena(kBuffers * kBufferBytes, 4096);
  const absl::StatusOr<std::unique_ptr<RawBlockCore>> core =
      RawBlockCore::Open(opened->device.get(), &clock, CoreOptions());
  CHECK_EQ(core.status(), absl::OkStatus());

  StoreArguments payloads;
  payloads.model = "qwen3-8b";
  payloads.scale = "1/2048";
  payloads.compression = "2,0.3";
  const absl::StatusOr<PayloadSizer> sizer = MakePayloadSizer(payloads, /*seed=*/1);
  CHECK_EQ(sizer.status(), absl::OkStatus());
  const ChunkStream stream(*sizer, Chunking::kPartialTail);
  AcknowledgementWriter acknowledgements;
  TraceReplayer replayer(core->get(), &clock, arena.span(),
                         {.durability = Durability::kDurable, .buffer_bytes = kBufferBytes}, &acknowledgements);
  for (const TraceRequest& request : GenerateWorkload(seed, kRequests).requests) {
    CHECK_EQ(replayer.Replay(stream.Chunks(request), request.input_length), absl::OkStatus());
    CHECK_EQ(replayer.result().wrong_bytes, 0u);
    CHECK_EQ(replayer.result().checksum_failures, 0u);
  }
}

}  // namespace
}  // namespace slotwise

int main(int argc, char** argv) {
  google::InitGoogleLogging(argv[0]);
  FLAGS_logtostderr = true;
  uint64_t seed = 0;
  CHECK(argc == 3 && absl::SimpleAtoi(argv[2], &seed)) << "usage: crash_replay STORE SEED";
  slotwise::ReplayUntilKilled(argv[1], seed);
  return 0;
}
