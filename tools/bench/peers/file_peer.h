// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_FILE_PEER_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_FILE_PEER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/bench/peers/peer.h"
#include "tools/bench/peers/worker_pool.h"

namespace slotwise {

// One file per chunk, named by its key, in 256 folders: what LMCache's connectors
// for file systems do. Written and read whole with O_DIRECT by the workers; no
// index of its own.
//
// In its favour: a file is written in place, not under another name first, so a
// crash can leave a part of one; and Flush syncs the folders only: what is written
// with O_DIRECT is on the device, and ext4 commits the inodes with the folders.
// The kernel keeps the inodes in memory while the contents are dropped.
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

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_FILE_PEER_H_
