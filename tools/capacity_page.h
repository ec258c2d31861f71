#include <string>
#include "tools/capacity_report.h"
namespace slotwise { inline std::string FormatCapacityPage(const CapacityReport&) { return ""; } }
