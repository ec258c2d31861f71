// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/capacity_page.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tools/base/number_text.h"
#include "tools/experiments/capacity_charts.h"
#include "tools/experiments/capacity_selection.h"
#include "tools/experiments/capacity_tables.h"
#include "tools/experiments/markup.h"
#include "tools/experiments/page_style.h"

namespace slotwise {
namespace {

constexpr char kTitle[] = "Slotwise capacity experiments";
constexpr char kGenerated[] = "generated";

// --- the headline --------------------------------------------------------------------

struct Fact {
  std::string name;
  std::string value;
  std::string note;
};

std::string FactMarkup(const Fact& fact) {
  const std::string note = Element("span", {}, EscapeMarkup(fact.note));
  return Element("div", {},
                 Element("dt", {}, EscapeMarkup(fact.name)) + Element("dd", {}, EscapeMarkup(fact.value) + note)) +
         "\n";
}

std::string Where(const CapacityRun& run) {
  return absl::StrCat(run.scenario, " at ", CapacityText(run.capacity_fraction));
}

using RunValue = double (*)(const CapacityRun& run);

const CapacityRun& LeastOf(const CapacitySelection& runs, RunValue value) {
  return **std::min_element(runs.runs().begin(), runs.runs().end(),
                            [&](const CapacityRun* a, const CapacityRun* b) { return value(*a) < value(*b); });
}

Fact LeastFact(const CapacitySelection& runs, const std::string& name, RunValue value) {
  const CapacityRun& least = LeastOf(runs, value);
  return {name, PercentText(value(least)), Where(least)};
}

// Nothing without a run to compare with the ideal.
std::vector<Fact> WorstGap(const CapacityReport& report, const CapacitySelection& runs) {
  std::optional<double> worst;
  Fact fact = {"Prefix-token hits below ideal, worst", "", ""};
  for (const CapacityRun* run : runs.runs()) {
    const std::optional<double> gap = BelowIdeal(report, *run);
    if (!gap.has_value() || (worst.has_value() && *gap <= *worst)) continue;
    worst = gap;
    fact.value = absl::StrCat(FixedText(100 * *gap), " points");
    fact.note = Where(*run);
  }
  return worst.has_value() ? std::vector<Fact>{fact} : std::vector<Fact>{};
}

Fact Refusals(const CapacitySelection& runs) {
  uint64_t refused = 0;
  uint64_t allocations = 0;
  for (const CapacityRun* run : runs.runs()) {
    refused += run->result.refused();
    allocations += run->result.allocations;
  }
  return {"Refusals", CountText(refused),
          absl::StrCat("beside ", CountText(allocations), " placements, all scenarios")};
}

std::string Headline(const CapacityReport& report) {
  const CapacitySelection runs = CapacitySelection(report).Of(Sweep::kEngines).Default().Suited();
  if (runs.empty()) return "";
  std::vector<Fact> facts = {
      {"Default engine", runs.runs().front()->engine, absl::StrCat("with the policy ", report.policy)},
      LeastFact(runs, "Payload of the capacity, mean, worst",
                [](const CapacityRun& run) { return run.result.utilisation_mean; }),
      LeastFact(runs, "Payload of the capacity, at its least",
                [](const CapacityRun& run) { return run.result.utilisation_min; })};
  for (const Fact& gap : WorstGap(report, runs)) facts.push_back(gap);
  facts.push_back(Refusals(runs));
  std::string markup;
  for (const Fact& fact : facts) markup += FactMarkup(fact);
  return Element("dl", {{"class", "facts"}}, "\n" + markup) + "\n";
}

// --- the sections ----------------------------------------------------------------------

struct PageEntry {
  const char* id;  // of the section
  const char* name;
  std::string (*section)(const CapacityReport& report);
};

constexpr PageEntry kEntries[] = {
    {"space", "Space", SpaceSection},         {"hits", "Hits", HitRatioSection},
    {"gains", "Gains", GainSection},          {"switch", "Model switch", SwitchSection},
    {"bursts", "Bursts", BurstSection},       {"policies", "Policies", PolicySection},
    {"share", "Partial share", ShareSection}, {"sweeps", "Parameters", SweepSection},
    {"sizes", "Sizes", SizeSection},          {"runs", "All runs", RunsSection},
};

struct Contents {
  std::string links;
  std::string sections;
};

Contents ContentsOf(const CapacityReport& report) {
  Contents contents;
  for (const PageEntry& entry : kEntries) {
    const std::string section = entry.section(report);
    if (section.empty()) continue;
    contents.sections += section;
    contents.links += Element("li", {}, Element("a", {{"href", absl::StrCat("#", entry.id)}}, entry.name));
  }
  if (contents.sections.empty()) contents.sections = Element("p", {}, "The report holds no runs.");
  return contents;
}

// --- the footer --------------------------------------------------------------------------

bool IsPlain(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) != 0 ||
         std::string_view("_./-+:@").find(character) != std::string_view::npos;
}

// `word` as a shell reads it back.
std::string ShellWord(const std::string& word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), IsPlain)) return word;
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

std::string CommandLine(const CapacityReport& report) {
  const std::string trace = report.trace == kGenerated ? "" : absl::StrCat(" --trace ", ShellWord(report.trace));
  return absl::StrCat("bazel run //tools/experiments -- capacity", trace, " --seed ", report.seed, " --html PAGE");
}

std::string FooterEntry(const std::string& name, const std::string& markup) {
  return Element("dt", {}, name) + Element("dd", {}, markup) + "\n";
}

std::string Code(const std::string& text) { return Element("code", {}, EscapeMarkup(text)); }

std::string Footer(const CapacityReport& report) {
  const std::string entries = absl::StrCat(
      FooterEntry("Trace", Code(report.trace)), FooterEntry("SHA-256 of the trace", Code(report.trace_sha256)),
      FooterEntry("Requests", CountText(report.requests)), FooterEntry("Seed", absl::StrCat(report.seed)),
      FooterEntry("Commit", Code(report.commit)), FooterEntry("Policy", EscapeMarkup(report.policy)),
      FooterEntry("Watermarks",
                  absl::StrCat("eviction ahead of demand begins below ", ShortPercentText(report.free_low),
                               " free and goes on to ", ShortPercentText(report.free_high))),
      FooterEntry("Command", Code(CommandLine(report))));
  return Element("footer", {}, Element("h2", {}, "How this was made") + Element("dl", {}, "\n" + entries)) + "\n";
}

// --- the page -----------------------------------------------------------------------------

// What the page may load: nothing.
constexpr char kHead[] =
    "<meta charset=\"utf-8\"/>\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n";

std::string Head() {
  return Element(
      "head", {},
      absl::StrCat("\n", kHead, Element("title", {}, kTitle), "\n", Element("style", {}, PageStyle()), "\n"));
}

std::string Header(const CapacityReport& report, const std::string& links) {
  const std::string introduction =
      absl::StrCat("What engines, policies and capacities make of ", CountText(report.requests),
                   " requests for LLM KV-cache chunks, played in simulated time.");
  const std::string navigation =
      links.empty() ? "" : Element("nav", {{"aria-label", "Sections"}}, Element("ul", {}, links));
  return Element("header", {},
                 absl::StrCat("\n", Element("h1", {}, kTitle), "\n", Element("p", {}, introduction), "\n",
                              Headline(report), navigation, "\n")) +
         "\n";
}

}  // namespace

std::string FormatCapacityPage(const CapacityReport& report) {
  const Contents contents = ContentsOf(report);
  const std::string body = absl::StrCat("\n", Header(report, contents.links),
                                        Element("main", {}, "\n" + contents.sections), "\n", Footer(report));
  return absl::StrCat(
      "<!DOCTYPE html>\n",
      Element("html", {{"lang", "en"}}, absl::StrCat("\n", Head(), "\n", Element("body", {}, body), "\n")), "\n");
}

}  // namespace slotwise
