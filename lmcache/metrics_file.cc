// SPDX-License-Identifier: Apache-2.0
#include "lmcache/metrics_file.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "rawblock/store/output_file.h"

namespace slotwise {

absl::StatusOr<std::unique_ptr<MetricsFile>> MetricsFile::Start(std::string path, absl::Duration interval, Text text) {
  std::unique_ptr<MetricsFile> file = absl::WrapUnique(new MetricsFile(std::move(path), interval, std::move(text)));
  if (absl::Status written = file->Write(); !written.ok()) return written;
  absl::StatusOr<Thread> thread =
      Thread::Start(absl::StrCat("the thread that writes ", file->path_), [raw = file.get()] { raw->Run(); });
  if (!thread.ok()) return thread.status();
  file->thread_ = *std::move(thread);
  return file;
}

MetricsFile::MetricsFile(std::string path, absl::Duration interval, Text text)
    : path_(std::move(path)), interval_(interval), text_(std::move(text)) {}

MetricsFile::~MetricsFile() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_one();
  if (thread_.joinable()) thread_.Join();
}

void MetricsFile::Run() {
  bool stopped = false;
  absl::Status written;
  while (!stopped) {
    stopped = AwaitStop();
    const absl::Status before = std::exchange(written, Write());
    LOG_IF(WARNING, !written.ok() && before.ok()) << written.message();
  }
}

bool MetricsFile::AwaitStop() {
  std::unique_lock lock(mutex_);
  return stopped_.wait_for(lock, absl::ToChronoNanoseconds(interval_), [this] { return stop_; });
}

absl::Status MetricsFile::Write() { return WriteOutputFile(path_, text_()); }

}  // namespace slotwise
