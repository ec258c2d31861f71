// SPDX-License-Identifier: Apache-2.0
// Fuzzes Advance alone: the input is a transfer and the answers that a kernel,
// honest or not, gives to it.
//
//   1 byte   log2 of the alignment, modulo 13
//   2 bytes  units to move
//   then, per step: a byte that says how much is asked for, and the answer (8 bytes), of which some values are brought
//   near the asked.
//
// FuzzedDataProvider takes them from the end of the input; numbers are little-endian.
#include <cstddef>
#include <cstdint>

#include "fuzzer/FuzzedDataProvider.h"
#include "glog/logging.h"
#include "iouring/advance.h"

namespace slotwise {
namespace {

uint64_t Asked(uint8_t choice, const TransferProgress& progress) {
  const uint64_t units = (progress.length - progress.moved) / progress.alignment;
  return units == 0 ? 0 : (1 + choice % units) * progress.alignment;
}

// Every other answer lies between a few errnos and a little more than was asked.
int64_t Answer(int64_t raw, uint64_t asked) {
  if (raw % 2 == 0) return raw;
  const int64_t range = static_cast<int64_t>(asked) + 140;
  return (raw % range + range) % range - 138;
}

void CheckStep(const TransferProgress& before, uint64_t asked, int64_t result, const Advanced& advanced,
               const TransferProgress& after) {
  CHECK_EQ(advanced.status.ok(), advanced.next != NextStep::kFailed);
  CHECK_EQ(after.length, before.length);
  CHECK_EQ(after.moved % after.alignment, 0u);
  CHECK_GE(after.moved, before.moved);
  CHECK_LE(after.moved, before.moved + asked);
  CHECK_LE(after.retries, kRetriesMax + 1);
  if (advanced.next == NextStep::kDone) CHECK_EQ(after.moved, after.length);
  if (advanced.next == NextStep::kResume) CHECK(after.moved > before.moved || after.retries > before.retries);
  const bool honest = result <= static_cast<int64_t>(asked) && result >= -4095;
  if (!honest) CHECK(advanced.next == NextStep::kFailed);
  if (honest && result > 0) CHECK_EQ(after.moved, before.moved + result - result % after.alignment);
  if (result <= 0) CHECK_EQ(after.moved, before.moved);
}

}  // namespace
}  // namespace slotwise

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace slotwise;
  FuzzedDataProvider input(data, size);
  TransferProgress progress;
  progress.alignment = uint32_t{1} << input.ConsumeIntegralInRange(0, 12);
  progress.length = uint64_t{input.ConsumeIntegral<uint16_t>()} * progress.alignment;
  NextStep next = NextStep::kResume;
  while (input.remaining_bytes() > 0 && next == NextStep::kResume) {
    const uint64_t asked = Asked(input.ConsumeIntegral<uint8_t>(), progress);
    const int64_t result = Answer(static_cast<int64_t>(input.ConsumeIntegral<uint64_t>()), asked);
    const TransferProgress before = progress;
    const Advanced advanced = Advance(asked, result, &progress);
    CheckStep(before, asked, result, advanced, progress);
    next = advanced.next;
  }
  return 0;
}
