// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/capacity_tables.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/base/number_text.h"
#include "tools/experiments/capacity_charts.h"
#include "tools/experiments/capacity_selection.h"
#include "tools/experiments/html_table.h"
#include "tools/experiments/markup.h"
#include "tools/experiments/page_section.h"

namespace slotwise {
namespace {

constexpr char kAbsent[] = "\u2013";

std::string PointsText(std::optional<double> ratio) { return ratio.has_value() ? FixedText(100 * *ratio) : kAbsent; }

const char* HeadStyle(const CapacityRun& run) { return run.is_default ? "default" : ""; }

// --- sweeps ------------------------------------------------------------------------

// One number of a run, of which more, or less, is better.
struct Measure {
  std::string name;
  bool more_is_better;
  std::optional<double> (*value)(const CapacityReport&, const CapacityRun&);
  std::string (*text)(double);
};

const std::vector<Measure>& Measures() {
  static const auto& measures = *new std::vector<Measure>{
      {"payload", true,
       [](const CapacityReport&, const CapacityRun& run) { return std::optional(run.result.utilisation_mean); },
       [](double value) { return PercentText(value); }},
      {"points below ideal", false, BelowIdeal, [](double value) { return FixedText(100 * value); }},
  };
  return measures;
}

// The best text of `measure` among `runs`: all that show it are best.
std::string BestOf(const CapacityReport& report, const CapacitySelection& runs, const Measure& measure) {
  std::optional<double> best;
  for (const CapacityRun* run : runs.Suited().runs()) {
    const std::optional<double> value = measure.value(report, *run);
    if (!value.has_value()) continue;
    if (!best.has_value() || (measure.more_is_better ? *value > *best : *value < *best)) best = value;
  }
  return best.has_value() ? measure.text(*best) : "";
}

HtmlCell MeasureCell(const CapacityReport& report, const CapacitySelection& runs, const Measure& measure,
                     const std::string& best) {
  if (runs.empty()) return {kAbsent};
  const CapacityRun& run = *runs.runs().front();
  if (!run.unsuited.empty()) return {"unsuited", "note"};
  const std::optional<double> value = measure.value(report, run);
  const std::string text = value.has_value() ? measure.text(*value) : kAbsent;
  return {text, text == best ? "best" : ""};
}

std::string RefusedText(const CapacitySelection& runs) {
  uint64_t refused = 0;
  for (const CapacityRun* run : runs.Suited().runs()) refused += run->result.refused();
  return CountText(refused);
}

// A column that compares the engines in one scenario by one measure.
struct SweepColumn {
  std::string scenario;
  const Measure& measure;
  std::string best;
};

std::vector<SweepColumn> SweepColumns(const CapacityReport& report, const CapacitySelection& runs) {
  std::vector<SweepColumn> columns;
  for (const Measure& measure : Measures()) {
    for (const std::string& scenario : runs.Scenarios()) {
      columns.push_back({scenario, measure, BestOf(report, runs.In(scenario), measure)});
    }
  }
  return columns;
}

std::string SweepTable(const CapacityReport& report, const CapacitySelection& runs, const std::string& title) {
  const std::vector<SweepColumn> columns = SweepColumns(report, runs);
  std::vector<std::string> heads = {"engine"};
  for (const SweepColumn& column : columns) heads.push_back(absl::StrCat(column.scenario, ": ", column.measure.name));
  heads.push_back("refused");
  HtmlTable table(absl::StrCat(title, "; capacity ", CapacityText(runs.runs().front()->capacity_fraction)), heads);
  for (const std::string& engine : runs.Engines()) {
    const CapacitySelection own = runs.With(engine);
    std::vector<HtmlCell> cells = {{engine, HeadStyle(*own.runs().front())}};
    for (const SweepColumn& column : columns) {
      cells.push_back(MeasureCell(report, own.In(column.scenario), column.measure, column.best));
    }
    cells.push_back({RefusedText(own)});
    table.AddRow(cells);
  }
  return table.ToString();
}

std::string SweepTables(const CapacityReport& report, Sweep sweep, const std::string& title) {
  const CapacitySelection runs = CapacitySelection(report).Of(sweep);
  std::string tables;
  for (const double fraction : runs.Fractions()) tables += SweepTable(report, runs.At(fraction), title);
  return tables;
}

// --- all runs -------------------------------------------------------------------------

struct RunColumn {
  const char* name;
  std::string (*text)(const CapacityReport&, const CapacityRun&);
};

using Report = CapacityReport;
using Run = CapacityRun;

std::string OrphanText(const CapacityResult& result) {
  if (result.entries == 0) return kAbsent;
  return PercentText(static_cast<double>(result.orphans) / static_cast<double>(result.entries));
}

double ObjectsHit(const CapacityResult& result) {
  if (result.objects_wanted == 0) return 0;
  return static_cast<double>(result.objects_hit) / static_cast<double>(result.objects_wanted);
}

constexpr RunColumn kRunColumns[] = {
    {"payload, mean", [](const Report&, const Run& run) { return PercentText(run.result.utilisation_mean); }},
    {"payload, least", [](const Report&, const Run& run) { return PercentText(run.result.utilisation_min); }},
    {"internal, of occupied",
     [](const Report&, const Run& run) { return PercentText(run.result.internal_waste_mean); }},
    {"external free", [](const Report&, const Run& run) { return PercentText(run.result.external_free_mean); }},
    {"largest free run", [](const Report&, const Run& run) { return PercentText(run.result.largest_free_run); }},
    {"objects hit", [](const Report&, const Run& run) { return PercentText(ObjectsHit(run.result)); }},
    {"tokens hit", [](const Report&, const Run& run) { return PercentText(TokensHit(run.result)); }},
    {"points below ideal", [](const Report& report, const Run& run) { return PointsText(BelowIdeal(report, run)); }},
    {"too large", [](const Report&, const Run& run) { return CountText(run.result.refused_too_large); }},
    {"no room", [](const Report&, const Run& run) { return CountText(run.result.refused_no_room); }},
    {"evictions", [](const Report&, const Run& run) { return CountText(run.result.evictions); }},
    {"of them ahead", [](const Report&, const Run& run) { return CountText(run.result.evictions_ahead); }},
    {"rebinds", [](const Report&, const Run& run) { return CountText(run.result.rebinds); }},
    {"extents per payload", [](const Report&, const Run& run) { return FixedText(run.result.extents_per_payload); }},
    {"orphans, of entries", [](const Report&, const Run& run) { return OrphanText(run.result); }},
};

std::vector<HtmlCell> RunCells(const CapacityReport& report, const CapacityRun& run) {
  std::vector<HtmlCell> cells = {{run.engine, HeadStyle(run)}};
  for (const RunColumn& column : kRunColumns) {
    cells.push_back({run.unsuited.empty() ? column.text(report, run) : kAbsent});
  }
  return cells;
}

std::string RunTable(const CapacityReport& report, const CapacitySelection& runs, const std::string& title) {
  std::vector<std::string> heads = {"engine"};
  for (const RunColumn& column : kRunColumns) heads.push_back(column.name);
  HtmlTable table(title, heads);
  for (const CapacityRun* run : runs.runs()) table.AddRow(RunCells(report, *run));
  return table.ToString();
}

std::string GainCell(const CapacityReport& report, const std::string& scenario, double fraction, bool uncompressed) {
  for (const CapacityGain& gain : report.gains) {
    const bool sought = gain.scenario == scenario && gain.capacity_fraction == fraction;
    if (sought && gain.uncompressed_slot == uncompressed) return FixedText(gain.gain) + "\u00d7";
  }
  return kAbsent;
}

template <typename Field>
std::vector<Field> EachOnce(const std::vector<CapacityGain>& gains, Field CapacityGain::*field) {
  std::vector<Field> values;
  for (const CapacityGain& gain : gains) {
    if (std::find(values.begin(), values.end(), gain.*field) == values.end()) values.push_back(gain.*field);
  }
  return values;
}

}  // namespace

std::string SweepSection(const CapacityReport& report) {
  return PageSection("sweeps", "What the parameters do",
                     "Payload is a part of the capacity, the mean over the warm store. Points below ideal are "
                     "percentage points of prompt tokens hit. The best of a column is bold.",
                     SweepTables(report, Sweep::kClasses, "Classes per doubling, full slots and rebinding") +
                         SweepTables(report, Sweep::kReservation, "What Partial leaves to Full") +
                         SweepTables(report, Sweep::kSegments, "Segment sizes") +
                         SweepTables(report, Sweep::kScatter, "Extents per payload"));
}

std::string GainSection(const CapacityReport& report) {
  const std::vector<double> fractions = EachOnce(report.gains, &CapacityGain::capacity_fraction);
  std::vector<std::string> heads = {"scenario"};
  for (const char* slot : {"largest stored size", "largest uncompressed size"}) {
    for (const double fraction : fractions) {
      heads.push_back(absl::StrCat("slots of the ", slot, ", at ", ShortPercentText(fraction)));
    }
  }
  HtmlTable table("Capacity of fixed slots / capacity of the default engine", heads);
  for (const std::string& scenario : EachOnce(report.gains, &CapacityGain::scenario)) {
    std::vector<HtmlCell> cells = {{scenario}};
    for (const bool uncompressed : {false, true}) {
      for (const double fraction : fractions) cells.push_back({GainCell(report, scenario, fraction, uncompressed)});
    }
    table.AddRow(cells);
  }
  return PageSection("gains", "What fixed slots would need",
                     "How many times the capacity a store of fixed slots needs to hit as many prompt tokens.",
                     table.ToString());
}

std::string RunsSection(const CapacityReport& report) {
  const CapacitySelection runs = CapacitySelection(report).Of(Sweep::kEngines);
  std::string tables;
  for (const std::string& scenario : runs.Scenarios()) {
    for (const double fraction : runs.Fractions()) {
      tables += RunTable(report, runs.In(scenario).At(fraction),
                         absl::StrCat(scenario, ", capacity ", CapacityText(fraction)));
    }
  }
  if (tables.empty()) return "";
  const std::string summary = Element("summary", {}, absl::StrCat("Show ", runs.runs().size(), " runs"));
  return PageSection("runs", "Every run of the compared engines", "The numbers behind the charts above.",
                     Element("details", {}, summary + tables));
}

}  // namespace slotwise
