#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a page of what `experiments capacity --json` wrote: one HTML file that loads nothing.

    tools/experiments/report.py report.json --html report.html

Colours of text and axes are the page's own, so that a chart follows the light and the dark mode. Strings of the report
are text, whatever they hold: Jinja and Matplotlib's SVG writer escape them, and mathematical markup is off.
"""

import argparse
import io
import json
import pathlib
import re
import shlex
import sys
import zlib

import jinja2
import matplotlib
import matplotlib.figure
import matplotlib.ticker
import markupsafe

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from tools.base import output_file  # noqa: E402

matplotlib.use("svg")
matplotlib.rcParams.update({
    "axes.facecolor": "none", "axes.spines.right": False, "axes.spines.top": False, "axes.titlesize": 9, "font.family": "sans-serif",
    "font.size": 8, "svg.fonttype": "none", "text.parse_math": False,
})  # fmt: skip
INK = "#123456"  # stands for the colour of the page's text
MARK, OTHER, WARNING, QUIET = "#3b82c4", "#d97b10", "#c2458a", "#8f99a6"
WIDTH = 3.7  # inches: a phone's width, so that text in a chart is not scaled down there
NAME_MAX, TITLE_MAX = 34, 48  # characters in a chart
SWEEPS = {
    "classes": ("Slot sizes of slabs", "A class is a slot size; there are 1 to 8 of them per doubling of the size. Full "
                "slots are classes of exactly the size of a whole chunk. A static engine never gives a segment to "
                "another class."),
    "share": ("Partial share", "Slabs may set a share of the capacity aside for partial chunks, those that are no whole "
              "chunk or are compressed. Without fallback, partial chunks never use the rest."),
    "reservation": ("Reservation", "The part of the capacity that whole chunks keep when partial chunks borrow space."),
    "segments": ("Segment size", "Slabs divide the device into segments; a segment holds slots of one size."),
    "scatter": ("Pieces per payload", "Into how many extents (runs of blocks) an extent engine may divide a payload."),
}  # fmt: skip


def ratio(part, whole):
    return part / whole if whole else 0


def percent(value, digits=2):
    return "%.*f %%" % (digits, 100 * value)


def clean(value):
    """`value` without the characters that no XML document may hold."""
    if isinstance(value, str):
        return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    return {name: clean(item) for name, item in value.items()} if isinstance(value, dict) else value


def in_order(names):
    """Each name once, in order of appearance, but compressed chunks (cachegen) first: there the engines differ most."""
    return sorted(dict.fromkeys(names), key=lambda name: name != "cachegen")


def suited(runs):
    return [run for run in runs if "unsuited" not in run]


def of_sweep(report, sweep):
    return [run for run in report["runs"] if run["sweep"] == sweep]


def below_ideal(report, run):
    """By how much the run hits less than the ideal engine with the same requests, scenario and capacity; else None."""
    same = ("scenario", "capacity_fraction", "requests")
    for ideal in suited(report["runs"]):
        if ideal["engine"] == "ideal" and "unsuited" not in run and all(ideal[name] == run[name] for name in same):
            return ideal["prefix_token_hit_ratio"] - run["prefix_token_hit_ratio"]
    return None


def space_of(run):
    """(payload, waste inside occupied space, free), parts of the capacity that add up to 1."""
    free = run["external_free_ratio"]
    return run["utilisation_mean"], max(0, 1 - free - run["utilisation_mean"]), free


def command_line(report):
    trace = "" if report["trace"] == "generated" else " --trace " + shlex.quote(report["trace"])
    return "bazel run //tools/experiments -- capacity%s --seed %d --json $PWD/report.json" % (trace, report["seed"])


# --- charts ---------------------------------------------------------------------------


def short(name, most=NAME_MAX):
    return name if len(name) <= most else name[: most - 1] + "…"


def axes_of(title, height):
    figure = matplotlib.figure.Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    figure.suptitle(short(title, TITLE_MAX), fontsize=9, fontweight="bold")
    return axes


def svg_of(axes, title, ink="currentColor", ground="none"):
    """The drawing as an SVG element; its ids are unlike those of other drawings."""
    for item in axes.figure.findobj(matplotlib.text.Text):
        item.set_color(INK)
    for spine in axes.spines.values():
        spine.set_color(INK)
    axes.tick_params(color=INK)
    out = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": title}):
        axes.figure.savefig(out, format="svg", facecolor=ground, metadata={"Date": None, "Creator": None})
    text = re.sub(r"<metadata>.*?</metadata>", "", out.getvalue(), flags=re.S)
    text = text[text.index("<svg") :].replace(INK, ink)
    prefix = "d%08x" % zlib.crc32(title.encode())
    text = re.sub(r'(\bid="|url\(#|href="#)', lambda match: match[1] + prefix, text)
    label = markupsafe.escape(title)
    return markupsafe.Markup(text.replace("<svg", '<svg role="img" aria-label="%s"' % label, 1))


def bars(title, names, stacks, axis, labels=None, limit=None, **picture):
    """Horizontal bars; `stacks` are (legend, colour, values), beside each other on a line."""
    axes = axes_of(title, 0.9 + 0.23 * len(names) + (0.2 if len(stacks) > 1 else 0))
    begin = [0] * len(names)
    for legend, colour, values in stacks:
        axes.barh(range(len(names)), values, left=begin, color=colour, label=legend, height=0.7)
        begin = [left + value for left, value in zip(begin, values)]
    for row, label in enumerate(labels or []):
        axes.text(max(0, begin[row]), row, " " + label, va="center", fontsize=7)
    axes.set_yticks(range(len(names)), [short(name) for name in names])
    axes.invert_yaxis()
    axes.set_xlabel(axis)
    axes.set_xlim(*(limit or (min(0, *begin), 1.25 * max(begin + [0]) or 1)))
    if len(stacks) > 1:
        axes.legend(loc="lower center", bbox_to_anchor=(0.3, 1), ncols=len(stacks), columnspacing=1, frameon=False, fontsize=7)
    return svg_of(axes, title, **picture)


def space_chart(scenario, runs, **picture):
    names = ["%s (%s)" % (short(run["engine"]), percent(run["utilisation_mean"], 1)) for run in runs]
    parts = [[100 * part for part in space_of(run)] for run in runs]
    stacks = [
        (legend, colour, [part[i] for part in parts])
        for i, (legend, colour) in enumerate([("payload", MARK), ("wasted inside", OTHER), ("free", QUIET)])
    ]
    title = "Space used by each engine: " + scenario
    return bars(title, names, stacks, "part of the capacity, in %", limit=(0, 100), **picture)


def lines(title, x, y, points, others=(), scale="linear", limit=None):
    """One line in colour, with the others' in grey behind it."""
    axes = axes_of(title, 1.9)
    for other in others:
        axes.plot(*zip(*other), color=QUIET, linewidth=0.8)
    axes.plot(*zip(*points), color=MARK, linewidth=2, marker="o", markersize=3)
    axes.set(xlabel=x, ylabel=y, xscale=scale, ylim=limit or (0, None))
    if scale == "log":
        axes.set_xticks([point[0] for point in points], ["%g" % point[0] for point in points])
        axes.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    return svg_of(axes, title)


def curves(what, runs, name, value):
    """Small multiples: a chart for each value of the field `name`, with all the other lines behind it."""
    found = {}
    for run in runs:
        found.setdefault(run[name], []).append((100 * run["capacity_fraction"], 100 * value(run)))
    return [
        lines("%s: %s" % (what, key), "capacity, in % of the working set", "hits, in %", sorted(points),
              [sorted(other) for other in found.values()], "log" if min(points)[0] > 0 else "linear")
        for key, points in found.items()
    ]  # fmt: skip


# --- sections: (id, heading, explanation, sentences, charts) -----------------------------


def engine_runs(report):
    runs = suited(of_sweep(report, "engines"))
    return [run for run in runs if run["capacity_fraction"] == min(run["capacity_fraction"] for run in runs)]


def each_scenario(runs):
    return [(name, [run for run in runs if run["scenario"] == name])
            for name in in_order(run["scenario"] for run in runs)]  # fmt: skip


def space_section(report):
    explanation = (
        "Utilisation: the mean part of the capacity that holds payload once the store is full. Waste inside is space that "
        "an engine gave to a payload larger than the payload needs; free space is what no payload has. The engines: fixed "
        "gives every payload a slot of the largest payload's size, buddy one of the next power of two, slab one of several "
        "slot sizes, extent (the default) the blocks it needs, in up to 8 pieces; ideal is a bound without fragmentation.")  # fmt: skip
    return explanation, [], [space_chart(name, runs) for name, runs in each_scenario(engine_runs(report))]


def hit_section(report):
    runs = suited(of_sweep(report, "capacities"))
    explanation = (
        "Prefix-token hits: the part of the prompts' tokens in the leading chunks that are all there. The working set is all "
        "the bytes that the trace ever asks for. Only one scenario is played with five capacities: %s. The grey lines are "
        "the other engines'." % ", ".join(in_order(run["scenario"] for run in runs)))  # fmt: skip
    return explanation, [], curves("Prefix-token hits", runs, "engine", lambda run: run["prefix_token_hit_ratio"])


def gain_section(report):
    explanation = ("How many times the capacity a store of fixed slots needs for the same prefix-token hits as the default "
                   "engine. 1 is no gain. A slot has the size of the largest payload, or of the uncompressed one where "
                   "chunks are compressed.")  # fmt: skip
    charts = []
    for fraction in sorted({gain["capacity_fraction"] for gain in report["gains"]}):
        gains = [gain for gain in report["gains"] if gain["capacity_fraction"] == fraction]
        gains.sort(key=lambda gain: gain["scenario"] != "cachegen")
        values = [gain["gain"] for gain in gains]
        title = "Gain over fixed slots at %g %%" % (100 * fraction)
        charts.append(bars(title, [gain["scenario"] for gain in gains], [("", MARK, values)],
                           "capacity of fixed slots / capacity, times", ["%.2f" % value for value in values]))  # fmt: skip
    return explanation, [], charts


def switch_section(report):
    runs = [run for run in engine_runs(report) if run["scenario"] == "model_switch" and run["slices"]]
    refusing = [run for run in runs if run["refused"]]
    sentences = ["%s refused %s payloads." % (run["engine"], format(run["refused"], ",")) for run in refusing]
    if runs and not refusing:
        sentences = ["No engine refused a payload."]
    explanation = ("In the middle of the trace all clients go over to a model with payloads of another size. The charts "
                   "show how the part of the capacity that holds payload falls and recovers.")  # fmt: skip
    charts = []
    for run in runs:
        points = [(100 * (i + 0.5) / len(run["slices"]), 100 * part["utilisation"]) for i, part in enumerate(run["slices"])]
        charts.append(lines("Model switch: " + run["engine"], "requests played, in %", "payload, in % of capacity",
                            points, limit=(0, 105)))  # fmt: skip
    return explanation, sentences, charts


def burst_section(report):
    explanation = ("Bytes that a put that found no room had to evict, divided by its own size, at worst. 0: no put had to "
                   "evict; entries that the store evicts ahead of demand are not counted. A large number is a long wait.")  # fmt: skip
    charts = []
    for name, runs in each_scenario([run for run in engine_runs(report) if run["engine"] != "ideal"]):
        worst = [run["evicted_bytes_per_allocated_byte"]["max"] for run in runs]
        if any(worst):
            charts.append(bars("Worst eviction for one put: " + name, [run["engine"] for run in runs],
                               [("", WARNING, worst)], "evicted bytes / payload bytes",
                               ["%.2f" % value for value in worst]))  # fmt: skip
    quiet = [] if charts else ["No put had to evict."]
    return explanation, quiet if engine_runs(report) else [], charts


def policy_section(report):
    runs = report["policies"]
    explanation = ("Object hits of each eviction policy, every object of every prompt requested, without fragmentation. "
                   "Belady's MIN knows the future and is the bound. The scenario is %s. The grey lines are the other "
                   "policies'." % ", ".join(in_order(run["scenario"] for run in runs)))  # fmt: skip
    return explanation, [], curves("Object hits", runs, "policy",
                                   lambda run: ratio(run["requests"] - run["misses"], run["requests"]))  # fmt: skip


def sweep_section(sweep):
    def section(report):
        charts, sentences = [], []
        for name, runs in each_scenario([run for run in of_sweep(report, sweep) if run["engine"] != "ideal"]):
            sentences += ["%s: %s: unsuited: %s" % (name, run["engine"], run["unsuited"]) for run in runs
                          if "unsuited" in run]  # fmt: skip
            gaps = [(run["engine"], below_ideal(report, run)) for run in runs]
            gaps = [(engine, 100 * gap) for engine, gap in gaps if gap is not None]
            if gaps:
                charts.append(bars("%s: %s" % (SWEEPS[sweep][0], name), [engine for engine, _ in gaps],
                                   [("", MARK, [gap for _, gap in gaps])], "prefix-token hits below ideal, in points",
                                   ["%.2f" % gap for _, gap in gaps]))  # fmt: skip
        return (SWEEPS[sweep][1] + " A point is 1 % of the prompts' tokens; the ideal engine played the same requests.",
                sentences, charts)  # fmt: skip

    return section


def size_section(report):
    explanation = "How many objects of each size, in MiB, a scenario has. An object is what one put stores."
    charts = []
    for scenario in sorted(report["scenarios"], key=lambda scenario: scenario["name"] != "cachegen"):
        sizes = [(size["bytes"] / 2**20, size["objects"]) for size in scenario["sizes"] if size["bytes"] > 0]
        if not sizes:
            continue
        title = "Object sizes: " + scenario["name"]
        axes = axes_of(title, 1.9)
        axes.bar(*zip(*sizes), width=[0.17 * size for size, _ in sizes], align="edge", color=MARK)
        axes.set(xlabel="size, in MiB", ylabel="objects", xscale="log", xlim=(sizes[0][0] / 2, sizes[-1][0] * 2))
        axes.xaxis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
        axes.xaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())
        charts.append(svg_of(axes, title))
    return explanation, [], charts


SECTIONS = [
    ("space", "Space", space_section), ("hits", "Hits and capacity", hit_section),
    ("gains", "Gain over fixed slots", gain_section), ("switch", "Model switch", switch_section),
    ("bursts", "Bursts of eviction", burst_section), ("policies", "Eviction policies", policy_section),
    *((sweep, title, sweep_section(sweep)) for sweep, (title, _) in SWEEPS.items()),
    ("sizes", "Sizes", size_section),
]  # fmt: skip


def headline(report):
    """(name, value, note) of what the default engine does at its worst."""
    runs = [run for run in suited(of_sweep(report, "engines")) if run["default"]]
    if not runs:
        return []
    where = lambda run: "%s at %g %%" % (run["scenario"], 100 * run["capacity_fraction"])
    least = min(runs, key=lambda run: run["utilisation_mean"])
    facts = [("Default engine", runs[0]["engine"], "with the policy " + report["policy"]),
             ("Capacity that holds payload, at least", percent(least["utilisation_mean"]), where(least))]  # fmt: skip
    gaps = [(below_ideal(report, run), where(run)) for run in runs if below_ideal(report, run) is not None]
    if gaps:
        facts.append(("Prefix-token hits below ideal, at most", "%.2f points" % (100 * max(gaps)[0]), max(gaps)[1]))
    refused, placed = (sum(run[name] for run in runs) for name in ("refused", "allocations"))
    return facts + [("Payloads refused", format(refused, ","), "beside %s placed" % format(placed, ","))]


def page_of(report):
    report = clean(report)
    sections = [(name, title, *section(report)) for name, title, section in SECTIONS]
    folder = pathlib.Path(__file__).resolve().parent
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(folder), autoescape=True, trim_blocks=True)
    return environment.get_template("report.html.jinja").render(
        report=report, facts=headline(report), command=command_line(report), percent=percent,
        sections=[section for section in sections if section[3] or section[4]],
        runs=sorted(of_sweep(report, "engines"), key=lambda run: run["scenario"] != "cachegen"))  # fmt: skip


def space_picture(report):
    """The first chart of the page, as a picture of its own."""
    return space_chart(*each_scenario(engine_runs(clean(report)))[0], ink="#1b2430", ground="#ffffff") + "\n"


def main():
    parser = argparse.ArgumentParser(description="Makes a page of what `experiments capacity --json` wrote.")
    parser.add_argument("report", type=pathlib.Path, help="the JSON")
    parser.add_argument("--html", type=pathlib.Path, required=True, help="where to write the page")
    parser.add_argument("--svg", type=pathlib.Path, help="where to write the page's first chart, of space")
    arguments = parser.parse_args()
    try:
        output_file.check([arguments.html, arguments.svg], [arguments.report])
    except output_file.Refused as refused:
        parser.error(str(refused))
    report = json.loads(arguments.report.read_text())
    output_file.write(arguments.html, page_of(report))
    if arguments.svg:
        output_file.write(arguments.svg, space_picture(report))


if __name__ == "__main__":
    main()
