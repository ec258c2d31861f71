// SPDX-License-Identifier: Apache-2.0
#include "lmcache/metrics_file.h"

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/errno_status.h"

namespace slotwise {

absl::StatusOr<std::unique_ptr<MetricsFile>> MetricsFile::Start(std::string path, absl::Duration interval, Text text) {
  std::unique_ptr<MetricsFile> file = absl::WrapUnique(new MetricsFile(std::move(path), interval, std::move(text)));
  if (absl::Status written = file->Write(); !written.ok()) return written;
  file->thread_ = std::thread([raw = file.get()] { raw->Run(); });
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
  if (thread_.joinable()) thread_.join();
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

absl::Status MetricsFile::Write() {
  const std::string unfinished = path_ + ".unfinished";
  errno = 0;
  std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
  out << text_();
  out.close();
  if (out && std::rename(unfinished.c_str(), path_.c_str()) == 0) return absl::OkStatus();
  // A stream may fail without an errno.
  absl::Status status = ErrnoStatus(errno > 0 ? errno : EIO, absl::StrCat("cannot write the metrics to ", path_));
  static_cast<void>(std::remove(unfinished.c_str()));
  return status;
}

}  // namespace slotwise
