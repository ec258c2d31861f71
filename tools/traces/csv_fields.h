// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_CSV_FIELDS_H_
#define SLOTWISE_TOOLS_TRACES_CSV_FIELDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace slotwise {

// Splits a line of comma-separated values: replaces `fields` by those of
// `line`, of which there is at least one. A field may be quoted as in RFC 4180,
// `"a ""b"", c"`, but not go on in the next line. Spaces, tabs and carriage
// returns around a field are dropped. InvalidArgument for a quote that is not
// closed, or closed before the field's end.
absl::Status SplitCsvFields(std::string_view line, std::vector<std::string>* fields);

// `field` as SplitCsvFields reads it back, quoted if it must be.
// REQUIRES: no line end in it.
std::string FormatCsvField(std::string_view field);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_CSV_FIELDS_H_
