// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <vector>

#include "benchmark/benchmark.h"
#include "tools/replay/payload_pattern.h"

namespace slotwise {
namespace {

void BM_Fill(benchmark::State& state) {
  std::vector<std::byte> bytes(state.range(0));
  for (auto _ : state) {
    FillPattern(bytes, 1);
    benchmark::DoNotOptimize(bytes.data());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Fill)->Arg(144 << 10)->Arg(36 << 20);

void BM_CountWrong(benchmark::State& state) {
  std::vector<std::byte> bytes(state.range(0));
  FillPattern(bytes, 1);
  for (auto _ : state) benchmark::DoNotOptimize(CountWrongBytes(bytes, 1));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_CountWrong)->Arg(144 << 10)->Arg(36 << 20);

}  // namespace
}  // namespace slotwise
