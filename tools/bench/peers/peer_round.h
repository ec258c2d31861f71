// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_PEER_ROUND_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_PEER_ROUND_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/bench/peers/chunk_set.h"
#include "tools/bench/peers/peer.h"
#include "tools/bench/peers/peer_catalog.h"

namespace slotwise {

struct PhaseCost {
  absl::Duration elapsed;
  absl::Duration cpu_time;  // of this process with its kernel workers, not of the kernel's own writeback
};

// What each phase of a round cost; each moves all payloads once.
struct RoundCost {
  PhaseCost put;         // until Flush is done
  PhaseCost get;         // from the device: the page cache was empty
  PhaseCost cached_get;  // after all was read once, with the page cache where the peer can
};

// Opens the peer, puts all `chunks`, gets them from the device, gets them all once
// more, which is verified and not timed, and then again. Every submitter is a thread
// that waits for each batch before the next. The last batches of the timed gets are
// verified too, after the clock has stopped. Closes the peer; its files stay.
absl::StatusOr<RoundCost> RunRound(const PeerEntry& entry, const PeerOptions& options, ChunkSet* chunks);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_PEER_ROUND_H_
