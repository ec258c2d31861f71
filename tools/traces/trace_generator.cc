// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/trace_generator.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>

namespace slotwise {
namespace {

constexpr uint64_t kBurstMs = 3000;
constexpr double kNewPerBurst = 6.0;
constexpr double kInputTokensMin = 891;
constexpr double kInputTokensMax = 131072;
constexpr double kBranchShare = 0.18;
// How likely a conversation goes on after 0, 1, 2, ... turns; the last stands
// for more. Higher than what the trace shows (0.31, 0.42, 0.51, 0.59, ...), for
// an hour cuts conversations off and prompts below two blocks leave no trace of
// their next turn.
constexpr double kAnotherTurn[] = {0.37, 0.47, 0.55, 0.62, 0.64, 0.71, 0.76};

}  // namespace

const TraceGenerator::Quantile TraceGenerator::kFirstInput[] = {
    {0, 891},    {.05, 897},   {.1, 905},     {.2, 1092},   {.3, 1757},   {.35, 2767},
    {.4, 3914},  {.5, 5264},   {.6, 7417},    {.7, 10768},  {.8, 15871},  {.85, 19433},
    {.9, 25561}, {.95, 38464}, {.965, 47536}, {.98, 67212}, {.99, 89867}, {1, 126195},
};

const TraceGenerator::Quantile TraceGenerator::kOutput[] = {
    {0, 1},    {.05, 10}, {.1, 24},  {.2, 100},  {.3, 213},  {.4, 291},   {.5, 350}, {.6, 399},
    {.7, 447}, {.8, 504}, {.9, 597}, {.95, 698}, {.98, 891}, {.99, 1120}, {1, 2000},
};

const TraceGenerator::Quantile TraceGenerator::kMessage[] = {
    {0, -1291}, {.05, -21}, {.1, -4},   {.2, 7},     {.3, 11},     {.4, 16},     {.5, 26},      {.6, 52},
    {.7, 172},  {.8, 694},  {.9, 4192}, {.95, 6921}, {.98, 11742}, {.99, 16705}, {.999, 37468}, {1, 91467},
};

const TraceGenerator::Quantile TraceGenerator::kKeptShare[] = {
    {0, .015},  {.05, .053}, {.1, .068}, {.2, .097},  {.3, .129},  {.4, .167},  {.5, .214}, {.6, .290},
    {.7, .400}, {.8, .516},  {.9, .833}, {.95, .906}, {.98, .933}, {.99, .957}, {1, .986},
};

const TraceGenerator::Quantile TraceGenerator::kBranchTail[] = {
    {0, 10},     {.05, 896},  {.1, 1789},  {.2, 4995},   {.3, 7013},   {.4, 8540},   {.5, 9567}, {.6, 10946},
    {.7, 13687}, {.8, 15905}, {.9, 19886}, {.95, 26313}, {.98, 31216}, {.99, 39271}, {1, 94968},
};

const TraceGenerator::Quantile TraceGenerator::kGap[] = {
    {0, 3000},    {.05, 29999}, {.1, 42000},  {.2, 59999},   {.3, 75000},    {.4, 96000},    {.5, 123000}, {.6, 161999},
    {.7, 222000}, {.8, 318000}, {.9, 482999}, {.95, 615000}, {.98, 1032000}, {.99, 1473000}, {1, 3030000},
};

TraceRequest TraceGenerator::Next() {
  while (ready_.empty()) EmitBurst();
  TraceRequest request = std::move(ready_.front());
  ready_.pop_front();
  return request;
}

void TraceGenerator::EmitBurst() {
  while (!due_.empty() && due_.begin()->first <= now_ms_) {
    ContinueConversation(std::move(due_.extract(due_.begin()).mapped()));
  }
  for (uint64_t count = DrawPoisson(kNewPerBurst); count > 0; --count) StartConversation();
  now_ms_ += kBurstMs;
}

void TraceGenerator::StartConversation() {
  Conversation conversation;
  conversation.latest.hash_ids = {0};
  Emit(std::move(conversation), 1, Draw(kFirstInput));
}

void TraceGenerator::ContinueConversation(Conversation conversation) {
  ++conversation.turns;
  const TraceRequest& latest = conversation.latest;
  const size_t full_blocks = latest.input_length / kTraceBlockTokens;
  if (Uniform() < kBranchShare) {
    const double kept = Draw(kKeptShare) * static_cast<double>(full_blocks);
    const size_t kept_blocks = std::max<size_t>(2, static_cast<size_t>(kept));
    Emit(std::move(conversation), kept_blocks,
         static_cast<double>(kept_blocks) * kTraceBlockTokens + Draw(kBranchTail));
  } else {
    const double input_tokens = latest.input_length + latest.output_length + Draw(kMessage);
    Emit(std::move(conversation), full_blocks, input_tokens);
  }
}

void TraceGenerator::Emit(Conversation conversation, size_t kept, double input_tokens) {
  TraceRequest& request = conversation.latest;
  request.timestamp_ms = now_ms_;
  request.input_length = static_cast<uint32_t>(std::clamp(input_tokens, kInputTokensMin, kInputTokensMax));
  request.output_length = static_cast<uint32_t>(Draw(kOutput));
  request.hash_ids.resize(std::min({kept, request.hash_ids.size(), size_t{request.input_length / kTraceBlockTokens}}));
  while (request.hash_ids.size() * kTraceBlockTokens < request.input_length) request.hash_ids.push_back(next_block_++);
  ready_.push_back(request);
  const double another_turn = kAnotherTurn[std::min(conversation.turns, std::size(kAnotherTurn) - 1)];
  if (Uniform() < another_turn) due_.emplace(now_ms_ + static_cast<uint64_t>(Draw(kGap)), std::move(conversation));
}

// Not std::uniform_real_distribution: its results differ between libraries.
double TraceGenerator::Uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

double TraceGenerator::Draw(std::span<const Quantile> distribution) {
  const double share = Uniform();
  const auto above = std::find_if(distribution.begin(), distribution.end(),
                                  [&](const Quantile& quantile) { return quantile.share > share; });
  const auto below = above - 1;
  return below->value + (above->value - below->value) * (share - below->share) / (above->share - below->share);
}

// Knuth, The Art of Computer Programming, volume 2, 3.4.1.
uint64_t TraceGenerator::DrawPoisson(double mean) {
  const double limit = std::exp(-mean);
  uint64_t count = 0;
  double product = Uniform();
  while (product > limit) {
    product *= Uniform();
    ++count;
  }
  return count;
}

std::vector<TraceRequest> GenerateTrace(uint64_t seed, uint64_t count) {
  TraceGenerator generator(seed);
  std::vector<TraceRequest> requests;
  requests.reserve(count);
  while (requests.size() < count) requests.push_back(generator.Next());
  return requests;
}

}  // namespace slotwise
