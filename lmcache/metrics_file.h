// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_LMCACHE_METRICS_FILE_H_
#define SLOTWISE_LMCACHE_METRICS_FILE_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rawblock/store/thread.h"

namespace slotwise {

// Keeps a text in a file up to date. A thread writes the text every `interval` and replaces the file in one step, so
// that a reader sees the text of one moment. For Prometheus' node_exporter, whose textfile collector reads such files.
class MetricsFile {
 public:
  using Text = absl::AnyInvocable<std::string()>;

  // Writes the file a first time; the error if that fails, naming `path`, above all if that is nothing for a report to
  // replace (see WriteOutputFile); kResourceExhausted if there is no thread. `text` is called here and then on the
  // thread.
  static absl::StatusOr<std::unique_ptr<MetricsFile>> Start(std::string path, absl::Duration interval, Text text);

  // Writes it a last time and leaves it.
  ~MetricsFile();
  MetricsFile(const MetricsFile&) = delete;
  MetricsFile& operator=(const MetricsFile&) = delete;

 private:
  MetricsFile(std::string path, absl::Duration interval, Text text);
  absl::Status Write();
  void Run();
  // Waits for the interval; whether it is time to stop.
  bool AwaitStop();

  const std::string path_;
  const absl::Duration interval_;
  Text text_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;  // guarded by mutex_
  Thread thread_;
};

}  // namespace slotwise

#endif  // SLOTWISE_LMCACHE_METRICS_FILE_H_
