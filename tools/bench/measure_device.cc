// SPDX-License-Identifier: Apache-2.0
// Reads or writes a device through io_uring for some time, and prints as JSON
// how much and at what cost: our half of tools/bench/compare_fio.
//
//   measure_device --device /dev/loop0 --op read --block_bytes 65536 --queue_depth 32
#include <cstdint>
#include <cstring>
#include <iostream>
#include <limits>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "iouring/buffer_pool.h"
#include "iouring/device.h"
#include "iouring/open_device.h"
#include "nlohmann/json.hpp"
#include "rawblock/core/clock.h"
#include "tools/base/command_line.h"
#include "tools/base/exit_code.h"
#include "tools/base/memory_limit.h"
#include "tools/bench/device_load.h"

namespace slotwise {
namespace {

struct MeasureArguments {
  std::string device;
  std::string op = "read";
  uint64_t block_bytes = 65536;
  int queue_depth = 32;
  double seconds = 2;
  bool buffered = false;
  bool sqpoll = false;
  bool iopoll = false;
};

absl::StatusOr<std::unique_ptr<BufferPool>> MakePool(const MeasureArguments& arguments, OpenedDevice* opened) {
  const BufferClass classes[] = {{.bytes = arguments.block_bytes, .count = static_cast<size_t>(arguments.queue_depth)}};
  absl::StatusOr<std::unique_ptr<BufferPool>> pool = BufferPool::Create(classes, 4096);
  if (!pool.ok()) return pool.status();
  std::memset((*pool)->arena().data(), 0x5a, (*pool)->arena().size());
  if (absl::Status registered = (*pool)->Register(opened->uring); !registered.ok()) return registered;
  return pool;
}

absl::Status CheckSizes(const MeasureArguments& arguments, const Device& device) {
  if (arguments.block_bytes % device.alignment() == 0 && arguments.block_bytes <= device.size()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("--block_bytes ", arguments.block_bytes, " must be a multiple of ",
                                                 device.alignment(), " and at most the ", device.size(), " bytes of ",
                                                 arguments.device));
}

absl::StatusOr<nlohmann::json> Measure(const MeasureArguments& arguments) {
  const absl::Status memory =
      CheckMemory(absl::StrCat("--block_bytes ", arguments.block_bytes, " and --queue_depth ", arguments.queue_depth),
                  static_cast<uint64_t>(arguments.queue_depth), arguments.block_bytes);
  if (!memory.ok()) return memory;
  absl::StatusOr<OpenedDevice> opened = OpenDevice(arguments.device, {.file = {.buffered = arguments.buffered},
                                                                      .io_engine = IoEngine::kUring,
                                                                      .queue_depth = arguments.queue_depth,
                                                                      .sqpoll = arguments.sqpoll,
                                                                      .iopoll = arguments.iopoll});
  if (!opened.ok()) return opened.status();
  if (absl::Status checked = CheckSizes(arguments, *opened->device); !checked.ok()) return checked;
  const absl::StatusOr<std::unique_ptr<BufferPool>> pool = MakePool(arguments, &*opened);
  if (!pool.ok()) return pool.status();
  SystemClock clock;
  const DeviceLoad load{.op = arguments.op == "read" ? IoRequest::Op::kRead : IoRequest::Op::kWrite,
                        .block_bytes = arguments.block_bytes,
                        .requests_in_flight = arguments.queue_depth,
                        .duration = absl::Seconds(arguments.seconds)};
  const absl::StatusOr<DeviceLoadResult> result = ApplyLoad(load, opened->device.get(), pool->get(), &clock);
  if (!result.ok()) return result.status();
  return nlohmann::json{{"requests", result->requests},
                        {"bytes", result->bytes},
                        {"seconds", absl::ToDoubleSeconds(result->elapsed)},
                        {"cpu_seconds", absl::ToDoubleSeconds(result->cpu_time)},
                        {"buffers_registered", opened->uring->buffers_registered()}};
}

int Main(int argc, char** argv) {
  MeasureArguments arguments;
  CLI::App app("Reads or writes a device through io_uring for some time; writing destroys what it holds",
               "measure_device");
  app.add_option("--device", arguments.device, "Block device or regular file")->required();
  app.add_option("--op", arguments.op, "read or write")->check(CLI::IsMember({"read", "write"}))->capture_default_str();
  app.add_option("--block_bytes", arguments.block_bytes, "Of each request")
      ->check(CLI::Range(uint64_t{512}, uint64_t{1} << 30))
      ->capture_default_str();
  app.add_option("--queue_depth", arguments.queue_depth, "Requests in flight")
      ->check(CLI::Range(1, kQueueDepthMax))
      ->capture_default_str();
  app.add_option("--seconds", arguments.seconds, "How long")->check(CLI::Range(0.0, 3600.0))->capture_default_str();
  app.add_flag("--buffered", arguments.buffered, "Go through the page cache, where there is no O_DIRECT");
  app.add_flag("--sqpoll", arguments.sqpoll, "Let a thread of the kernel take the entries");
  app.add_flag("--iopoll", arguments.iopoll, "Poll for completions");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  const absl::StatusOr<nlohmann::json> measured = Measure(arguments);
  if (!measured.ok()) return static_cast<int>(Fail(measured.status()));
  std::cout << *measured << std::endl;
  return 0;
}

}  // namespace
}  // namespace slotwise

int main(int argc, char** argv) { return slotwise::RunMain(argc, argv, &slotwise::Main); }
