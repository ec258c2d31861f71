// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_COMPRESSED_BYTES_H_
#define SLOTWISE_TOOLS_TRACES_COMPRESSED_BYTES_H_

#include <string>
#include <string_view>

namespace slotwise {

// What `gzip` makes of a file that holds `bytes`: one member. For tests.
std::string Gzip(std::string_view bytes);

// What `zstd` makes of it: one frame, with a checksum.
std::string Zstd(std::string_view bytes);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_COMPRESSED_BYTES_H_
