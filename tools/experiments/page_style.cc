// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/page_style.h"

namespace slotwise {
namespace {

constexpr std::string_view kStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #ffffff; --text: #1b2430; --quiet: #55606e; --rule: #d9dee5; --grid: #e6e9ee;
  --link: #1f5fa8;
  --series-0: #1f5fa8; --series-1: #c4510c; --series-2: #00806a; --series-3: #a8428a; --series-4: #8a6d00;
  --series-5: #2b86c0; --series-6: #6b4fa8;
  --payload: #1f5fa8; --internal: #d97b10; --external: #d3d9e1;
  --heat-0: #f1f5fa; --heat-1: #dbe7f4; --heat-2: #bcd4ec; --heat-3: #94bbdf; --heat-4: #3573b2; --heat-5: #22609f;
  --heat-6: #12406f; --heat-none: #eef0f3; --upon-pale: #1b2430; --upon-deep: #ffffff;
  --mark-0: #1f5fa8; --mark-1: #00806a; --mark-2: #d0740c; --mark-3: #a32020;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161c; --card: #1a2029; --text: #e4e9f0; --quiet: #a3aebc; --rule: #343d4a; --grid: #2a323d;
    --link: #86b8f0;
    --series-0: #6cabf0; --series-1: #f08c4c; --series-2: #3dc2a2; --series-3: #e08cc4; --series-4: #d8b640;
    --series-5: #8fdcff; --series-6: #b09df0;
    --payload: #4f94dc; --internal: #f0a040; --external: #3b4553;
    --heat-0: #212a35; --heat-1: #24384e; --heat-2: #28496b; --heat-3: #2f5c8a; --heat-4: #62a0dc; --heat-5: #93c1ec;
    --heat-6: #cbe3f9; --heat-none: #20262f; --upon-pale: #e4e9f0; --upon-deep: #0d1117;
    --mark-0: #6cabf0; --mark-1: #3dc2a2; --mark-2: #f0a040; --mark-3: #ff7b72;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text); line-height: 1.5;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.25rem; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.01em; }
h2 { margin: 0; font-size: 1.25rem; line-height: 1.3; }
h3 { margin: 1.5rem 0 0.5rem; font-size: 1rem; }
a { color: var(--link); }
header p { margin: 0.5rem 0 0; color: var(--quiet); max-width: 60rem; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 1.25rem 0 0; padding: 0; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 0.75rem; margin: 1.5rem 0 0; }
.facts div { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 0.75rem 1rem; }
.facts dt { color: var(--quiet); font-size: 0.8125rem; }
.facts dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.35; font-variant-numeric: tabular-nums; }
.facts dd span { display: block; font-size: 0.8125rem; font-weight: 400; color: var(--quiet); }
section {
  margin-top: 1.5rem; padding: 1.25rem; background: var(--card); border: 1px solid var(--rule); border-radius: 8px;
}
section > p { margin: 0.25rem 0 1rem; color: var(--quiet); max-width: 60rem; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 29rem), 1fr)); gap: 1.5rem 2rem; }
figure { margin: 0; min-width: 0; overflow-x: auto; }
figure + figure { margin-top: 1.25rem; }
.panels figure + figure { margin-top: 0; }
figcaption { font-weight: 600; margin-bottom: 0.5rem; }
figcaption span { font-weight: 400; color: var(--quiet); font-size: 0.875rem; margin-left: 0.25rem; }
svg { display: block; max-width: 100%; height: auto; overflow: visible; }
.legend {
  list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0 0 1rem; padding: 0;
  font-size: 0.875rem;
}
.swatch { display: inline-block; width: 0.875rem; height: 0.875rem; margin-right: 0.5rem; vertical-align: -0.1rem; }
.swatch { border-radius: 2px; background: var(--colour); border: 1px solid var(--rule); }
text { font-size: 12px; fill: var(--text); }
.tick, .axis-title, .note { fill: var(--quiet); }
.note { font-style: italic; }
.axis { stroke: var(--quiet); }
.grid { stroke: var(--grid); }
.divider { stroke: var(--quiet); stroke-dasharray: 2 3; }
.series-0 { --colour: var(--series-0); }
.series-1 { --colour: var(--series-1); }
.series-2 { --colour: var(--series-2); }
.series-3 { --colour: var(--series-3); }
.series-4 { --colour: var(--series-4); }
.series-5 { --colour: var(--series-5); }
.series-6 { --colour: var(--series-6); }
.bound { --colour: var(--text); }
.payload { --colour: var(--payload); }
.internal { --colour: var(--internal); }
.external { --colour: var(--external); }
.line { fill: none; stroke: var(--colour); stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
.line.strong { stroke-width: 3; }
.line.bound { stroke-dasharray: 5 4; }
.leader { stroke: var(--colour); opacity: 0.7; }
.dot, rect { fill: var(--colour); }
.dot { stroke: var(--card); }
.hover { fill: transparent; }
text.strong { font-weight: 600; }
.heat-0 { --colour: var(--heat-0); }
.heat-1 { --colour: var(--heat-1); }
.heat-2 { --colour: var(--heat-2); }
.heat-3 { --colour: var(--heat-3); }
.heat-4 { --colour: var(--heat-4); }
.heat-5 { --colour: var(--heat-5); }
.heat-6 { --colour: var(--heat-6); }
.heat-none { --colour: var(--heat-none); }
.heat-text-0, .heat-text-1, .heat-text-2, .heat-text-3, .heat-text-none { fill: var(--upon-pale); }
.heat-text-4, .heat-text-5, .heat-text-6 { fill: var(--upon-deep); }
.mark { stroke: var(--card); stroke-width: 1.5; }
.mark-0 { fill: var(--mark-0); }
.mark-1 { fill: var(--mark-1); }
.mark-2 { fill: var(--mark-2); }
.mark-3 { fill: var(--mark-3); }
.range { stroke: var(--quiet); stroke-width: 2; opacity: 0.5; }
.scroll { overflow-x: auto; margin-top: 1rem; }
table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: 0.5rem; white-space: nowrap; }
th, td { padding: 0.3rem 0.75rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th:first-child, td.text { text-align: left; }
thead th { color: var(--quiet); font-weight: 500; vertical-align: bottom; white-space: normal; min-width: 5rem; }
tbody th { font-weight: 400; }
.best, th.default { font-weight: 600; }
td.note { color: var(--quiet); font-style: italic; }
details summary { cursor: pointer; color: var(--link); }
footer { padding-top: 1.5rem; padding-bottom: 3rem; font-size: 0.875rem; color: var(--quiet); }
footer h2 { color: var(--text); font-size: 1rem; }
footer dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1.25rem; margin: 0.75rem 0 0; }
footer dt { color: var(--quiet); }
footer dd { margin: 0; color: var(--text); overflow-wrap: anywhere; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.8125rem; }
@media (max-width: 40rem) {
  figure svg { min-width: 44rem; }
  .panels svg { min-width: 0; }
}
@media print {
  :root { --page: #ffffff; }
  nav { display: none; }
  body { font-size: 10pt; }
  section { border: 0; padding: 0; }
  figure, table, .facts div { break-inside: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

}  // namespace

std::string_view PageStyle() { return kStyle; }

}  // namespace slotwise
