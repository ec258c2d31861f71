// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_PAGE_STYLE_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_PAGE_STYLE_H_

#include <string_view>

namespace slotwise {

// The style sheet of a page of charts and tables, for light, dark and paper. It alone
// knows colours:
//   series-0 ... series-6    lines, dots and bars of what is compared; `strong` stands out
//   bound                    what nothing can surpass: dashed, in the colour of text
//   payload, internal, external
//   heat-0 ... heat-6, heat-none, and heat-text-* for text upon them
//   mark-0 ... mark-3        percentiles, from the middle outward
// Series and parts differ for those who see fewer colours, and every text has a contrast
// of at least 4.5 to 1.
std::string_view PageStyle();

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_PAGE_STYLE_H_
