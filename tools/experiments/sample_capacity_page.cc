// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <string_view>

#include "tools/experiments/capacity_page.h"
#include "tools/experiments/sample_capacity_report.h"

namespace {

constexpr char kHostile[] = "</title><script>alert('1')</script> & \"\xff\x1b\xe2\x82\xac";

// As large, but with a name everywhere that means something in HTML, in a shell or nowhere.
slotwise::CapacityReport HostileReport() {
  slotwise::CapacityReport report = slotwise::SampleCapacityReport();
  report.trace = report.trace_sha256 = report.commit = report.policy = kHostile;
  for (slotwise::ScenarioSummary& scenario : report.scenarios) scenario.name += kHostile;
  for (slotwise::CapacityRun& run : report.runs) run.engine += kHostile;
  for (slotwise::CapacityRun& run : report.runs) run.unsuited += run.unsuited.empty() ? "" : kHostile;
  for (slotwise::PolicyRun& run : report.policies) run.policy += kHostile;
  return report;
}

}  // namespace

// Writes the page of a made-up report: "sample", "hostile" or "empty".
int main(int argc, char** argv) {
  const std::string_view kind = argc > 1 ? argv[1] : "sample";
  if (kind == "sample") {
    std::cout << slotwise::FormatCapacityPage(slotwise::SampleCapacityReport());
  } else if (kind == "hostile") {
    std::cout << slotwise::FormatCapacityPage(HostileReport());
  } else if (kind == "empty") {
    std::cout << slotwise::FormatCapacityPage({});
  } else {
    std::cerr << "sample_capacity_page: sample, hostile or empty, not \"" << kind << "\"\n";
    return 2;
  }
  return 0;
}
