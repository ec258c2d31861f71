// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_NUMBER_TEXT_H_
#define SLOTWISE_TOOLS_BASE_NUMBER_TEXT_H_

#include <cstdint>
#include <string>

namespace slotwise {

// Numbers as a page shows them.

// 262899 as "262,899".
std::string CountText(uint64_t count);
// 1500 as "1.5k" and 2000000 as "2M", for the ticks of an axis.
std::string CompactText(double value);
// 0.98765 as "98.77 %", with `digits` digits after the point.
std::string PercentText(double ratio, int digits = 2);
// 0.05 as "5 %" and 0.125 as "12.5 %": no more digits than it takes.
std::string ShortPercentText(double ratio);
// `digits` digits after the point, and no "-0.00".
std::string FixedText(double value, int digits = 2);
// 2 as "2" and 0.5 as "0.5".
std::string ShortText(double value);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_NUMBER_TEXT_H_
