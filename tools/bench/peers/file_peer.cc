// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "iouring/system/errno_status.h"
#include "slotwise/unique_fd.h"
#include "tools/bench/peers/file_io.h"
#include "tools/bench/peers/peers.h"
#include "tools/bench/peers/worker_pool.h"

namespace slotwise {
namespace {

constexpr int kFolders = 256;

class FilePeer final : public Peer {
 public:
  static absl::StatusOr<std::unique_ptr<Peer>> Open(const PeerOptions& options);

  absl::Status Put(const Batch& batch) override;
  absl::Status Get(const Batch& batch) override;
  absl::Status Flush() override;
  absl::Status PrepareGets(ReadPath path) override;
  absl::Status Close() override;

 private:
  explicit FilePeer(const PeerOptions& options);

  std::string PathOf(const std::string& key) const;

  std::vector<std::string> folders_;
  WorkerPool workers_;
  int read_flags_;
};

absl::StatusOr<std::unique_ptr<Peer>> FilePeer::Open(const PeerOptions& options) {
  std::unique_ptr<FilePeer> peer(new FilePeer(options));
  for (const std::string& folder : peer->folders_) {
    if (::mkdir(folder.c_str(), 0700) != 0) return ErrnoStatus(errno, absl::StrCat("cannot make ", folder));
  }
  return peer;
}

FilePeer::FilePeer(const PeerOptions& options) : workers_(options.workers), read_flags_(O_RDONLY | O_DIRECT) {
  for (int i = 0; i < kFolders; ++i) folders_.push_back(absl::StrFormat("%s/%02x", options.folder, i));
}

std::string FilePeer::PathOf(const std::string& key) const {
  return absl::StrCat(folders_[absl::HashOf(key) % folders_.size()], "/", key);
}

absl::Status FilePeer::Put(const Batch& batch) {
  return workers_.Run(batch.keys.size(), [&](size_t i) {
    const absl::StatusOr<UniqueFd> file = OpenFile(PathOf(batch.keys[i]), O_WRONLY | O_CREAT | O_DIRECT);
    return file.ok() ? WriteFully(*file, batch.payload(i), 0) : file.status();
  });
}

absl::Status FilePeer::Get(const Batch& batch) {
  return workers_.Run(batch.keys.size(), [&](size_t i) {
    const absl::StatusOr<UniqueFd> file = OpenFile(PathOf(batch.keys[i]), read_flags_);
    return file.ok() ? ReadFully(*file, batch.payload(i), 0) : file.status();
  });
}

absl::Status FilePeer::Flush() {
  return workers_.Run(folders_.size(), [&](size_t i) {
    const absl::StatusOr<UniqueFd> folder = OpenFile(folders_[i], O_RDONLY | O_DIRECTORY);
    return folder.ok() ? SyncFile(*folder) : folder.status();
  });
}

absl::Status FilePeer::PrepareGets(ReadPath path) {
  read_flags_ = path == ReadPath::kDevice ? O_RDONLY | O_DIRECT : O_RDONLY;
  return absl::OkStatus();
}

absl::Status FilePeer::Close() { return absl::OkStatus(); }

}  // namespace

absl::StatusOr<std::unique_ptr<Peer>> OpenFilePeer(const PeerOptions& options) { return FilePeer::Open(options); }

}  // namespace slotwise
