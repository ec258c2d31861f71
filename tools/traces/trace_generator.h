// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_TRACE_GENERATOR_H_
#define SLOTWISE_TOOLS_TRACES_TRACE_GENERATOR_H_

#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <span>
#include <vector>

#include "tools/traces/trace_request.h"

namespace slotwise {

// A workload for when there is no trace at hand: an endless stream of requests
// whose statistics follow the conversation trace that Mooncake published (12,031
// requests in 59 minutes). Every distribution below was measured there and is
// drawn from by inverting its quantiles.
//
// Requests come in bursts every 3 s. Each burst has a Poisson number of new
// conversations and the turns that have fallen due. Every prompt begins with
// the same system prompt. A turn usually appends: the previous prompt, its
// answer and a new message; sometimes it keeps only a part of the previous
// prompt and goes on differently. How likely another turn is grows with the
// turns so far.
//
//                                the trace   generated (12,031 requests)
//   requests per second          3.40        within 8 %
//   input tokens, mean           12,035      within 8 %
//   input tokens, p50 / p90      6,909 / 27,367   within 12 %
//   output tokens, mean / p50    343 / 350   within 5 %
//   continuing requests          38.7 %      within 2 points
//   blocks in a reused prefix    36.6 %      within 4 points
//   unique blocks per request    15.2        within 10 %
//   growth per turn, p50         454         within 15 %
//   gap between turns, p50       123 s       within 15 %
//
// The same seed gives the same stream.
class TraceGenerator {
 public:
  explicit TraceGenerator(uint64_t seed) : random_(seed) {}

  TraceRequest Next();

 private:
  // A point of a distribution: this share of its values is at most `value`.
  struct Quantile {
    double share;
    double value;
  };
  // One conversation after its latest request.
  struct Conversation {
    TraceRequest latest;
    size_t turns = 0;  // requests after the first
  };

  static const Quantile kFirstInput[];
  static const Quantile kOutput[];
  static const Quantile kMessage[];
  static const Quantile kKeptShare[];
  static const Quantile kBranchTail[];
  static const Quantile kGap[];

  // Adds the requests of the next burst to ready_; there may be none.
  void EmitBurst();
  void StartConversation();
  void ContinueConversation(Conversation conversation);
  // Makes the request of `conversation` whose prompt keeps the first `kept`
  // blocks and has `input_tokens`, and may schedule the next turn.
  void Emit(Conversation conversation, size_t kept, double input_tokens);

  double Uniform();  // [0, 1)
  double Draw(std::span<const Quantile> distribution);
  uint64_t DrawPoisson(double mean);

  std::mt19937_64 random_;
  uint64_t now_ms_ = 0;                        // of the next burst
  uint64_t next_block_ = 1;                    // 0 is the system prompt
  std::multimap<uint64_t, Conversation> due_;  // by the time of the next turn
  std::deque<TraceRequest> ready_;             // of this burst
};

// The first `count` requests of the generator seeded with `seed`.
std::vector<TraceRequest> GenerateTrace(uint64_t seed, uint64_t count);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_TRACE_GENERATOR_H_
