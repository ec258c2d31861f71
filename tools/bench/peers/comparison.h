// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_COMPARISON_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_COMPARISON_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/bench/peers/peer_catalog.h"
#include "tools/bench/peers/peer_round.h"

namespace slotwise {

struct ComparisonOptions {
  std::string folder;  // on the disk to measure
  uint64_t data_bytes = uint64_t{512} << 20;
  uint64_t batch_bytes = 16 << 20;  // that a submitter waits for at a time
  std::vector<uint64_t> payload_bytes = {64 << 10, 512 << 10, 4 << 20};
  std::vector<int> submitters = {1, 2};
  int workers = 4;
  int rounds = 3;
  std::vector<PeerEntry> peers;  // the first is the limit of the others
};

struct PeerCosts {
  PeerEntry peer;
  std::vector<RoundCost> rounds = {};  // the n-th of all peers were taken one after the other
};

// One payload size and number of submitters.
struct ComparisonCell {
  uint64_t payload_bytes = 0;
  int submitters = 0;
  uint64_t bytes = 0;  // that each phase of a round moves
  std::vector<PeerCosts> peers = {};
};

// OK, or an InvalidArgument that names what does not fit: a payload that is no
// multiple of kPayloadAlignment, or larger than a batch; less data than a batch for
// each submitter; nothing to compare.
absl::Status Validate(const ComparisonOptions& options);

// Measures every cell in turn. The peers take turns within each round, so that what
// else the machine does hits all of them. Works in a new folder in `folder`, which is
// removed in the end. Calls `done` after each round of a peer with how many are done.
// REQUIRES: Validate is OK.
absl::StatusOr<std::vector<ComparisonCell>> Compare(const ComparisonOptions& options,
                                                    absl::FunctionRef<void(uint64_t)> done);

// How often Compare will call `done`.
uint64_t CountRounds(const ComparisonOptions& options);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_COMPARISON_H_
