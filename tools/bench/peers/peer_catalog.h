// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_PEER_CATALOG_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_PEER_CATALOG_H_

#include <memory>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/bench/peers/peer.h"

namespace slotwise {

struct PeerEntry {
  std::string_view name;   // of the option --peers
  std::string_view title;  // of the table
  std::string_view setup;  // for people: how it is set up
  absl::StatusOr<std::unique_ptr<Peer>> (*open)(const PeerOptions&);
};

// All peers; the first is the raw device, the limit of the others.
std::span<const PeerEntry> PeerCatalog();

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_PEER_CATALOG_H_
