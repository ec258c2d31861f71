// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/capacity_charts.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tools/base/byte_size.h"
#include "tools/base/number_text.h"
#include "tools/experiments/capacity_selection.h"
#include "tools/experiments/chart_axis.h"
#include "tools/experiments/heat_map.h"
#include "tools/experiments/histogram.h"
#include "tools/experiments/html_table.h"
#include "tools/experiments/line_chart.h"
#include "tools/experiments/page_section.h"
#include "tools/experiments/range_plot.h"
#include "tools/experiments/stacked_bars.h"

namespace slotwise {
namespace {

constexpr char kBoundPolicy[] = "belady";
constexpr char kBoundStyle[] = "bound";
constexpr char kSwitchScenario[] = "model_switch";
constexpr char kNoFallback[] = ", no fallback";

std::string PointsText(double ratio) { return FixedText(100 * ratio); }

template <typename Value>
void AddOnce(std::vector<Value>* values, const Value& value) {
  if (std::find(values->begin(), values->end(), value) == values->end()) values->push_back(value);
}

// The class of one of `names` that neither bounds nor stands out: always the same colour.
std::string SeriesStyle(const std::vector<std::string>& names, const std::string& name) {
  constexpr ptrdiff_t kColours = 6;  // and one for what stands out
  const ptrdiff_t place = std::find(names.begin(), names.end(), name) - names.begin();
  return absl::StrCat("series-", 1 + place % kColours);
}

std::string EngineStyle(const CapacityReport& report, const CapacityRun& run) {
  if (run.engine == kIdealEngine) return kBoundStyle;
  if (run.is_default) return "series-0 strong";
  std::vector<std::string> others;
  for (const CapacityRun& other : report.runs) {
    if (other.engine != kIdealEngine && !other.is_default) AddOnce(&others, other.engine);
  }
  return SeriesStyle(others, run.engine);
}

// A dashed line shows what it lies upon; a solid one would hide it.
void BoundsLast(std::vector<ChartLine>* lines) {
  std::stable_partition(lines->begin(), lines->end(), [](const ChartLine& line) { return line.style != kBoundStyle; });
}

const char* NameStyle(const CapacityRun& run) { return run.is_default ? "strong" : ""; }

// --- space ---------------------------------------------------------------------

StackedBar SpaceBar(const CapacityRun& run) {
  if (!run.unsuited.empty()) {
    return {.name = run.engine, .name_style = NameStyle(run), .parts = {}, .note = "unsuited: " + run.unsuited};
  }
  const CapacityResult& result = run.result;
  const double internal = std::max(0.0, 1 - result.utilisation_mean - result.external_free_mean);
  const auto part = [&](double share, const char* style, const char* name) {
    return BarPart{share, style, absl::StrCat(run.engine, ": ", PercentText(share), " ", name)};
  };
  return {.name = run.engine,
          .name_style = NameStyle(run),
          .parts = {part(result.utilisation_mean, "payload", "payload"), part(internal, "internal", "internal waste"),
                    part(result.external_free_mean, "external", "external free")},
          .value = PercentText(result.utilisation_mean, 1)};
}

std::string SpacePanel(const CapacitySelection& runs, const std::string& scenario) {
  StackedBars chart = {.label = absl::StrCat("What the space holds per engine in the scenario ", scenario)};
  for (const CapacityRun* run : runs.In(scenario).runs()) chart.bars.push_back(SpaceBar(*run));
  return PagePanel(scenario, "", chart.Draw());
}

// --- hit ratios ------------------------------------------------------------------

ChartSide CapacitySide(std::vector<double> fractions) {
  std::erase_if(fractions, [](double fraction) { return fraction <= 0; });
  if (fractions.empty()) fractions.push_back(1);
  return {ChartAxis::Logarithmic(std::move(fractions)), ShortPercentText, "capacity, of the working set"};
}

ChartPoint HitPoint(const std::string& name, double fraction, double hit) {
  return {fraction, hit, absl::StrCat(name, ", capacity ", ShortPercentText(fraction), ": ", PercentText(hit))};
}

ChartLine TokenLine(const CapacityReport& report, const CapacitySelection& runs) {
  const CapacityRun& first = *runs.runs().front();
  ChartLine line = {first.engine, EngineStyle(report, first), {}};
  for (const double fraction : runs.Fractions()) {
    const CapacityRun& run = *runs.At(fraction).runs().front();
    line.points.push_back(HitPoint(run.engine, fraction, TokensHit(run.result)));
  }
  return line;
}

std::string TokenPanel(const CapacityReport& report, const CapacitySelection& runs, const std::string& scenario) {
  LineChart chart = {.label = absl::StrCat("Prefix-token hit ratio against capacity in the scenario ", scenario),
                     .x = CapacitySide(runs.Fractions()),
                     .y_tick_label = ShortPercentText,
                     .y_title = "prompt tokens hit",
                     .lines = {}};
  for (const std::string& engine : runs.Engines()) chart.lines.push_back(TokenLine(report, runs.With(engine)));
  BoundsLast(&chart.lines);
  return PagePanel(scenario, "", chart.Draw());
}

double ObjectsHit(const PolicyRun& run) {
  return run.requests == 0 ? 0 : 1 - static_cast<double>(run.misses) / static_cast<double>(run.requests);
}

std::string PolicyStyle(const CapacityReport& report, const std::string& policy) {
  if (policy == kBoundPolicy) return kBoundStyle;
  if (policy == report.policy) return "series-0 strong";
  std::vector<std::string> others;
  for (const PolicyRun& run : report.policies) {
    if (run.policy != kBoundPolicy && run.policy != report.policy) AddOnce(&others, run.policy);
  }
  return SeriesStyle(others, policy);
}

// The runs of `scenario`, by ascending capacity.
std::vector<PolicyRun> PolicyRunsIn(const CapacityReport& report, const std::string& scenario) {
  std::vector<PolicyRun> runs;
  for (const PolicyRun& run : report.policies) {
    if (run.scenario == scenario) runs.push_back(run);
  }
  std::stable_sort(runs.begin(), runs.end(),
                   [](const PolicyRun& a, const PolicyRun& b) { return a.capacity_fraction < b.capacity_fraction; });
  return runs;
}

ChartLine PolicyLine(const CapacityReport& report, const std::vector<PolicyRun>& runs, const std::string& policy) {
  ChartLine line = {policy == kBoundPolicy ? "Belady's MIN" : policy, PolicyStyle(report, policy), {}};
  for (const PolicyRun& run : runs) {
    if (run.policy == policy) line.points.push_back(HitPoint(line.name, run.capacity_fraction, ObjectsHit(run)));
  }
  return line;
}

std::string PolicyPanel(const CapacityReport& report, const std::string& scenario) {
  const std::vector<PolicyRun> runs = PolicyRunsIn(report, scenario);
  std::vector<double> fractions;
  std::vector<std::string> policies;
  for (const PolicyRun& run : runs) {
    AddOnce(&fractions, run.capacity_fraction);
    AddOnce(&policies, run.policy);
  }
  LineChart chart = {.label = absl::StrCat("Object hit ratio against capacity per policy in the scenario ", scenario),
                     .height = 340,
                     .x = CapacitySide(fractions),
                     .y_tick_label = ShortPercentText,
                     .y_title = "objects hit",
                     .lines = {}};
  for (const std::string& policy : policies) chart.lines.push_back(PolicyLine(report, runs, policy));
  BoundsLast(&chart.lines);
  return PagePanel(scenario, "", chart.Draw());
}

// --- the model switch --------------------------------------------------------------

// The middle of a slice, as a part of the requests.
double MiddleOf(size_t slice, size_t slices) {
  return (static_cast<double>(slice) + 0.5) / static_cast<double>(slices);
}

ChartLine UtilisationLine(const CapacityReport& report, const CapacityRun& run) {
  ChartLine line = {run.engine, EngineStyle(report, run), {}};
  const std::vector<OccupancySlice>& slices = run.result.slices;
  for (size_t i = 0; i < slices.size(); ++i) {
    const double at = MiddleOf(i, slices.size());
    line.points.push_back({at, slices[i].utilisation,
                           absl::StrCat(run.engine, ", at ", PercentText(at, 0),
                                        " of the requests: ", PercentText(slices[i].utilisation, 1), " payload")});
  }
  return line;
}

std::string UtilisationPanel(const CapacityReport& report, const CapacitySelection& runs) {
  LineChart chart = {
      .label = "Utilisation over the requests, per engine, across the model switch",
      .width = 1080,
      .height = 340,
      .x = {ChartAxis::Linear(0, 1), ShortPercentText, "requests played; the model changes at the dotted line"},
      .y_tick_label = ShortPercentText,
      .y_title = "payload, of the capacity",
      .dots = false,
      .dividers = {0.5}};
  for (const CapacityRun* run : runs.runs()) chart.lines.push_back(UtilisationLine(report, *run));
  BoundsLast(&chart.lines);
  return PagePanel("Utilisation", "", chart.Draw());
}

uint64_t RefusedMax(const CapacitySelection& runs) {
  uint64_t most = 0;
  for (const CapacityRun* run : runs.runs()) {
    for (const OccupancySlice& slice : run->result.slices) most = std::max(most, slice.refused);
  }
  return most;
}

// Logarithmic, so that a few refusals show beside thousands; `most` may be 0.
double RefusalHeat(uint64_t refused, uint64_t most) {
  return refused == 0 ? 0 : std::log2(1 + static_cast<double>(refused)) / std::log2(1 + static_cast<double>(most));
}

HeatRow RefusalRow(const CapacityRun& run, uint64_t most) {
  HeatRow row = {run.engine, {}, absl::StrCat(CountText(run.result.refused()), " refused")};
  const std::vector<OccupancySlice>& slices = run.result.slices;
  for (size_t i = 0; i < slices.size(); ++i) {
    row.cells.push_back({RefusalHeat(slices[i].refused, most), "",
                         absl::StrCat(run.engine, ", at ", PercentText(MiddleOf(i, slices.size()), 0),
                                      " of the requests: ", CountText(slices[i].refused), " refused")});
  }
  return row;
}

std::string RefusalPanel(const CapacitySelection& runs) {
  HeatMap map = {.label = "Refusals over the requests, per engine, across the model switch",
                 .cell_width = 11,
                 .cell_height = 22,
                 .gap = 1};
  for (const CapacityRun* run : runs.runs()) map.rows.push_back(RefusalRow(*run, RefusedMax(runs)));
  return PagePanel("Refusals", "in each part of the requests; a stronger colour is more, on a logarithmic scale",
                   map.Draw());
}

// --- bursts ------------------------------------------------------------------------

const std::vector<std::string>& BurstMarks() {
  static const auto& marks = *new std::vector<std::string>{"p50", "p99", "p99.9", "worst"};
  return marks;
}

// What BurstMarks() names, each from the run in which it is greatest.
std::vector<double> WorstBursts(const CapacitySelection& runs, Distribution CapacityResult::*bursts) {
  std::vector<double> worst = {0, 0, 0, 0};
  for (const CapacityRun* run : runs.runs()) {
    const Distribution& burst = run->result.*bursts;
    const double values[] = {burst.p50, burst.p99, burst.p999, burst.max};
    for (size_t i = 0; i < worst.size(); ++i) worst[i] = std::max(worst[i], values[i]);
  }
  return worst;
}

// In the order of all engines, whatever suited which.
std::vector<std::string> EnginesThatRan(const CapacitySelection& runs) {
  std::vector<std::string> engines = runs.Engines();
  std::erase_if(engines, [&](const std::string& engine) { return runs.With(engine).Suited().empty(); });
  return engines;
}

RangeRow BurstRow(const CapacitySelection& runs, Distribution CapacityResult::*bursts) {
  const CapacityRun& first = *runs.runs().front();
  RangeRow row = {first.engine, NameStyle(first), WorstBursts(runs, bursts), {}};
  for (size_t i = 0; i < row.values.size(); ++i) {
    row.tooltips.push_back(absl::StrCat(row.name, ", ", BurstMarks()[i], ": ", FixedText(row.values[i])));
  }
  return row;
}

std::string BurstPanel(const CapacitySelection& runs, const std::string& title, Distribution CapacityResult::*bursts) {
  RangePlot plot = {.label = absl::StrCat(title, ", per engine: percentiles over all allocations"),
                    .title = "bytes per allocated byte",
                    .marks = BurstMarks(),
                    .rows = {}};
  for (const std::string& engine : EnginesThatRan(runs)) {
    plot.rows.push_back(BurstRow(runs.With(engine).Suited(), bursts));
  }
  return PagePanel(title, "", plot.Draw());
}

std::string BurstTable(const CapacitySelection& runs) {
  std::vector<std::string> heads = {"engine"};
  for (const char* what : {"on demand", "in all"}) {
    for (const std::string& mark : BurstMarks()) heads.push_back(absl::StrCat(what, ", ", mark));
  }
  heads.push_back("entries, worst");
  HtmlTable table("Bytes evicted per allocated byte, and entries evicted for one allocation", heads);
  for (const std::string& engine : EnginesThatRan(runs)) {
    const CapacitySelection own = runs.With(engine).Suited();
    std::vector<HtmlCell> cells = {{engine, own.Default().empty() ? "" : "default"}};
    for (const auto bursts :
         {&CapacityResult::evicted_per_allocated_byte, &CapacityResult::reclaimed_per_allocated_byte}) {
      for (const double value : WorstBursts(own, bursts)) cells.push_back({FixedText(value)});
    }
    cells.push_back({ShortText(WorstBursts(own, &CapacityResult::evictions_per_allocation).back())});
    table.AddRow(cells);
  }
  return table.ToString();
}

// --- the Partial share ---------------------------------------------------------------

bool FallsBack(const std::string& engine) { return engine.find(kNoFallback) == std::string::npos; }

// "slab, share 10 %, no fallback" as "10 %".
std::string ShareName(const std::string& engine) {
  constexpr std::string_view kBefore = "share ";
  const size_t at = engine.find(kBefore);
  std::string name = at == std::string::npos ? engine : engine.substr(at + kBefore.size());
  return FallsBack(name) ? name : name.substr(0, name.find(kNoFallback));
}

// What the cells show: how far below ideal or, without ideal runs to compare with, full.
struct ShareMeasure {
  const CapacityReport& report;
  bool below_ideal = true;

  explicit ShareMeasure(const CapacityReport& of, const CapacitySelection& runs) : report(of) {
    for (const CapacityRun* run : runs.Suited().runs())
      below_ideal = below_ideal && BelowIdeal(report, *run).has_value();
  }
  // How much is lost.
  double Loss(const CapacityRun& run) const {
    const double loss = below_ideal ? BelowIdeal(report, run).value_or(0) : 1 - run.result.utilisation_mean;
    return std::max(loss, 0.0);
  }
  std::string Text(const CapacityRun& run) const {
    return below_ideal ? PointsText(BelowIdeal(report, run).value_or(0)) : PercentText(run.result.utilisation_mean, 1);
  }
};

// Losses are coloured up to the greatest, but differences below this not at all.
constexpr double kLossScaleMin = 0.005;

double LossScale(const ShareMeasure& measure, const CapacitySelection& runs) {
  double scale = kLossScaleMin;
  for (const CapacityRun* run : runs.Suited().runs()) scale = std::max(scale, measure.Loss(*run));
  return scale;
}

HeatCell ShareCell(const ShareMeasure& measure, double scale, const CapacitySelection& runs) {
  if (runs.empty()) return {.heat = -1};
  const CapacityRun& run = *runs.runs().front();
  const std::string what = absl::StrCat(run.scenario, ", ", run.engine, ": ");
  if (!run.unsuited.empty()) return {.heat = -1, .text = "unsuited", .tooltip = what + run.unsuited};
  return {.heat = measure.Loss(run) / scale,
          .text = measure.Text(run),
          .tooltip = absl::StrCat(what, PercentText(TokensHit(run.result)), " of the tokens hit, ",
                                  PercentText(run.result.utilisation_mean), " payload, ",
                                  CountText(run.result.refused()), " refused")};
}

std::string SharePanel(const ShareMeasure& measure, double scale, const CapacitySelection& runs, bool fallback) {
  std::vector<std::string> engines;
  for (const std::string& engine : runs.Engines()) {
    if (FallsBack(engine) == fallback) engines.push_back(engine);
  }
  const std::string title = fallback ? "Partial may fall back to Full" : "No fallback";
  HeatMap map = {.label = absl::StrCat("Heat map of the Partial share per scenario. ", title),
                 .columns_title = "Partial share",
                 .rows = {}};
  for (const std::string& engine : engines) map.columns.push_back(ShareName(engine));
  for (const std::string& scenario : runs.Scenarios()) {
    HeatRow row = {scenario, {}};
    for (const std::string& engine : engines) {
      row.cells.push_back(ShareCell(measure, scale, runs.In(scenario).With(engine)));
    }
    map.rows.push_back(row);
  }
  const std::string note = absl::StrCat("capacity ", CapacityText(runs.runs().front()->capacity_fraction));
  return PagePanel(title, note, map.Draw());
}

// --- sizes ---------------------------------------------------------------------------

std::string ByteTick(double bytes) { return FormatByteSize(static_cast<uint64_t>(bytes)); }

HistogramBin SizeBin(const SizeBucket& bucket) {
  const double from = std::max(1.0, static_cast<double>(bucket.bytes));
  return {from, from * std::exp2(0.25), static_cast<double>(bucket.objects),
          absl::StrCat(CountText(bucket.objects), " objects from ", FormatByteSize(bucket.bytes))};
}

std::string SizePanel(const ScenarioSummary& scenario) {
  Histogram histogram = {.label = absl::StrCat("Histogram of the object sizes of the scenario ", scenario.name),
                         .x_title = "object size",
                         .x_tick_label = ByteTick,
                         .y_title = "objects",
                         .y_tick_label = CompactText,
                         .bins = {}};
  for (const SizeBucket& bucket : scenario.sizes) histogram.bins.push_back(SizeBin(bucket));
  const std::string note =
      absl::StrCat(CountText(scenario.objects), " objects, ", FormatByteSize(scenario.working_set_bytes), " in all");
  return PagePanel(scenario.name, note, histogram.Draw());
}

}  // namespace

std::string CapacityText(double capacity_fraction) {
  return ShortPercentText(capacity_fraction) + " of the working set";
}

std::string SpaceSection(const CapacityReport& report) {
  const CapacitySelection all = CapacitySelection(report).Of(Sweep::kEngines);
  if (all.empty()) return "";
  const double fraction = all.Fractions().front();
  std::string panels;
  for (const std::string& scenario : all.Scenarios()) panels += SpacePanel(all.At(fraction), scenario);
  const std::string legend = PageLegend({{"payload", "payload"},
                                         {"internal", "internal waste: occupied, but not payload"},
                                         {"external", "external free"}});
  return PageSection("space", "What the space holds",
                     absl::StrCat("Means over the warm store, as parts of the capacity, which is ",
                                  CapacityText(fraction), ". The number beside a bar is its payload."),
                     legend + PagePanels(panels));
}

std::string HitRatioSection(const CapacityReport& report) {
  const CapacitySelection runs = CapacitySelection(report).Of(Sweep::kCapacities).Suited();
  std::string panels;
  for (const std::string& scenario : runs.Scenarios()) panels += TokenPanel(report, runs.In(scenario), scenario);
  return PageSection("hits", "Prefix-token hits against capacity",
                     "The part of all prompt tokens that lie before a prompt's first missing chunk. The dashed line is "
                     "the ideal: no fragmentation, the same policy.",
                     PagePanels(panels));
}

std::string PolicySection(const CapacityReport& report) {
  std::vector<std::string> scenarios;
  for (const PolicyRun& run : report.policies) AddOnce(&scenarios, run.scenario);
  std::string panels;
  for (const std::string& scenario : scenarios) panels += PolicyPanel(report, scenario);
  return PageSection("policies", "Policies against capacity",
                     "Object hits with the capacity in bytes and no fragmentation. The dashed line is Belady's MIN, "
                     "which knows the future; the thick one is the policy of the other runs here.",
                     PagePanels(panels));
}

std::string SwitchSection(const CapacityReport& report) {
  const CapacitySelection runs = CapacitySelection(report).Of(Sweep::kEngines).In(kSwitchScenario).Suited();
  std::string parts;
  for (const double fraction : runs.Fractions()) {
    const CapacitySelection at = runs.At(fraction);
    const std::string panels = UtilisationPanel(report, at) + RefusalPanel(at);
    parts += PagePart(absl::StrCat("Capacity: ", CapacityText(fraction)), panels);
  }
  return PageSection("switch", "Across a model switch",
                     "Halfway through the requests another model, with other sizes, takes the first one's place.",
                     parts);
}

std::string BurstSection(const CapacityReport& report) {
  const CapacitySelection runs = CapacitySelection(report).Of(Sweep::kEngines);
  const std::string panels =
      BurstPanel(runs, "Evicted on demand", &CapacityResult::evicted_per_allocated_byte) +
      BurstPanel(runs, "Evicted in all, ahead of demand too", &CapacityResult::reclaimed_per_allocated_byte);
  return PageSection("bursts", "What one allocation evicts",
                     "Bytes evicted for each byte allocated: percentiles over the allocations of a run, each from the "
                     "scenario and capacity where it is worst. The number beside a row is its worst allocation.",
                     PagePanels(panels) + BurstTable(runs));
}

std::string ShareSection(const CapacityReport& report) {
  const CapacitySelection runs = CapacitySelection(report).Of(Sweep::kShare);
  const ShareMeasure measure(report, runs);
  std::string panels;
  for (const double fraction : runs.Fractions()) {
    const CapacitySelection at = runs.At(fraction);
    for (const bool fallback : {true, false}) panels += SharePanel(measure, LossScale(measure, runs), at, fallback);
  }
  return PageSection(
      "share", "The Partial share",
      measure.below_ideal
          ? "How many percentage points fewer prompt tokens are hit than by the ideal engine; 0 is best, "
            "and a stronger colour is worse."
          : "Payload, as a part of the capacity; a stronger colour is less.",
      PagePanels(panels));
}

std::string SizeSection(const CapacityReport& report) {
  std::string panels;
  for (const ScenarioSummary& scenario : report.scenarios) panels += SizePanel(scenario);
  return PageSection("sizes", "The sizes of the objects",
                     "Every object of a scenario once. Four bars are a doubling of the size.", PagePanels(panels));
}

}  // namespace slotwise
