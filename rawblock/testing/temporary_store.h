// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_TESTING_TEMPORARY_STORE_H_
#define SLOTWISE_RAWBLOCK_TESTING_TEMPORARY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "allocator/allocator_options.h"
#include "iouring/open_device.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/make/format_store.h"

namespace slotwise {

// A store on a temporary file, for tests: blocking calls over one core, and the
// ways a process can leave it. Aborts on what no test expects.
class TemporaryStore {
 public:
  struct Options {
    uint64_t bytes = 16 << 20;
    uint64_t max_entries = 1024;
    AllocatorOptions::Engine engine = AllocatorOptions::Engine::kSlab;
    // Of payloads in Full slots, in bytes.
    uint64_t full_bytes = 64 << 10;
    CoreOptions core;
  };

  // Formats and opens.
  explicit TemporaryStore(const Options& options);
  ~TemporaryStore();

  RawBlockCore& core() { return *core_; }
  Device& device() { return *opened_.device; }
  const std::string& path() const { return path_; }

  absl::StatusOr<PutOutcome> Put(std::string_view key, std::span<const std::byte> payload,
                                 const PutOptions& options = {});
  absl::StatusOr<std::vector<std::byte>> Get(std::string_view key);
  absl::Status Remove(std::string_view key, const RemoveOptions& options = {});
  absl::Status Flush();
  absl::Status Checkpoint();

  // Leaves without committing, as a killed process does, and opens again.
  absl::Status Crash();
  // Closes and opens again.
  absl::Status Reopen();
  // Lets go of the core and the device; Open takes them up again.
  void Abandon();
  absl::Status Open();

  // Polls until `done` is true.
  void Await(const bool& done);

 private:
  void OpenDeviceFile();
  // The status that the call started by `start` completes with.
  absl::Status AwaitStatus(absl::FunctionRef<void(RawBlockCore::Done)> start);

  Options options_;
  std::string path_;
  SystemClock clock_;
  OpenedDevice opened_;
  std::unique_ptr<RawBlockCore> core_;
};

// `bytes` pseudo-random bytes that differ between seeds.
std::vector<std::byte> PatternPayload(uint64_t seed, size_t bytes);

// The options of an engine for payloads of up to `full_bytes`.
AllocatorOptions EngineOptions(AllocatorOptions::Engine engine, const Layout& layout, uint64_t full_bytes);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_TESTING_TEMPORARY_STORE_H_
