# SPDX-License-Identifier: Apache-2.0
"""What the page of a capacity report says of its runs, and that it holds for hostile and empty reports."""

import copy
import json
import pathlib
import re
import unittest

from tools.experiments import report

SAMPLE = json.loads((pathlib.Path(__file__).parent / "report_sample.json").read_text())
HOSTILE = "</svg><script>alert('$x^2$')</script>&\"'\x00\x1b"
EMPTY = dict(SAMPLE, runs=[], policies=[], gains=[], scenarios=[])


def a_run(engine, hits, **fields):
    return dict({"sweep": "engines", "scenario": "zstd", "capacity_fraction": 0.1, "requests": 100, "engine": engine,
                 "prefix_token_hit_ratio": hits}, **fields)  # fmt: skip


def hostile(value):
    """`value` with a hostile name wherever the page shows one."""
    if isinstance(value, list):
        return [hostile(item) for item in value]
    names = ("scenario", "engine", "policy", "name", "trace", "commit", "unsuited")
    if isinstance(value, dict):
        return {key: HOSTILE + item if key in names and item != "ideal" else hostile(item) for key, item in value.items()}
    return value


class ReportTest(unittest.TestCase):
    def test_compares_runs_of_the_same_requests_only(self):
        ideal, few = a_run("ideal", 0.3), a_run("ideal", 0.13, requests=30, sweep="scatter")
        runs = {"runs": [ideal, few]}
        self.assertAlmostEqual(report.below_ideal(runs, a_run("extent", 0.28)), 0.02)
        self.assertAlmostEqual(report.below_ideal(runs, a_run("extent", 0.12, requests=30)), 0.01)
        for other in ({"requests": 31}, {"scenario": "other"}, {"capacity_fraction": 0.3}, {"unsuited": "small"}):
            self.assertIsNone(report.below_ideal(runs, a_run("extent", 0.28, **other)))

    def test_the_parts_of_the_space_add_up(self):
        for run in report.suited(SAMPLE["runs"]):
            self.assertAlmostEqual(sum(report.space_of(run)), 1, places=2)

    def test_cachegen_comes_first_and_the_rest_in_order(self):
        self.assertEqual(report.in_order(["b", "a", "b", "cachegen"]), ["cachegen", "b", "a"])

    def test_has_a_section_for_every_question(self):
        page = report.page_of(SAMPLE)
        for name in ("space", "hits", "gains", "switch", "bursts", "policies", "share", "classes", "sizes", "runs"):
            self.assertIn('<section id="%s">' % name, page)
            self.assertIn('<a href="#%s">' % name, page)
        ids = re.findall(r' id="([^"]*)"', page)
        self.assertEqual(len(ids), len(set(ids)))

    def test_an_empty_report_has_no_sections(self):
        page = report.page_of(EMPTY)
        self.assertNotIn("<section", page)
        self.assertIn("holds no runs", page)

    def test_hostile_names_are_text(self):
        page = report.page_of(hostile(SAMPLE))
        self.assertNotRegex(page, "<script|[\x00\x1b]")
        self.assertIn("&lt;script&gt;alert(", page)

    def test_says_who_refused_instead_of_drawing_nothing(self):
        self.assertIn("No engine refused a payload.", report.page_of(SAMPLE))
        refusing = copy.deepcopy(SAMPLE)
        for run in report.suited(refusing["runs"]):
            run["refused"] = 4567
        self.assertIn("slab refused 4,567 payloads.", report.page_of(refusing))

    def test_unsuited_runs_say_why(self):
        unsuited = dict(SAMPLE, runs=[dict(run, unsuited="no room for a slot") for run in SAMPLE["runs"]])
        page = report.page_of(unsuited)
        self.assertIn("unsuited: no room for a slot", page)
        self.assertNotIn('class="facts"', page)

    def test_the_command_quotes_the_trace(self):
        self.assertIn("--trace 'a b.jsonl' --seed", report.command_line({"trace": "a b.jsonl", "seed": 1}))
        self.assertNotIn("--trace", report.command_line({"trace": "generated", "seed": 1}))


if __name__ == "__main__":
    unittest.main()
