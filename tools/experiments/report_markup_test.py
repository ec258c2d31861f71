# SPDX-License-Identifier: Apache-2.0
"""The page of a capacity report is well-formed, needs nothing but itself and can be read by everyone."""

import copy
import json
import pathlib
import re
import unittest
import xml.etree.ElementTree as ET

from tools.experiments import report
from tools.experiments import report_test

SVG = "{http://www.w3.org/2000/svg}"
BYTES_MAX = 1 << 20
TEXT_CONTRAST_MIN = 4.5
MARK_CONTRAST_MIN = 3
# Warnings and marks that say something; the quiet ones are for comparison only.
MARKS = (report.MARK, report.OTHER, report.WARNING)


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """As WCAG 2 defines it: 1 to 21."""
    lighter, darker = sorted([luminance(one), luminance(other)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def colour_schemes(style):
    """The colours by name, of the light and the dark scheme."""
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in style.split("@media", 1))
    return {"light": light, "dark": dark}


class ReportMarkupTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        sample = report_test.SAMPLE
        reports = {"sample": sample, "hostile": report_test.hostile(sample), "empty": report_test.EMPTY}
        cls.texts = {kind: report.page_of(one) for kind, one in reports.items()}
        cls.pages = {kind: ET.fromstring(text) for kind, text in cls.texts.items()}
        cls.style = cls.pages["sample"].findtext("head/style")

    def each(self, name):
        return [element for page in self.pages.values() for element in page.iter(name)]

    def test_has_language_title_and_viewport(self):
        for page in self.pages.values():
            self.assertEqual(page.get("lang"), "en")
            self.assertTrue(page.findtext("head/title"))
            self.assertIsNotNone(page.find("head/meta[@name='viewport']"))

    def test_needs_no_script_and_nothing_else(self):
        for page in self.pages.values():
            tags = {element.tag.removeprefix(SVG) for element in page.iter()}
            self.assertFalse(tags & {"script", "link", "img", "iframe", "object", "embed", "image"})
            for element in page.iter():
                for name, value in element.attrib.items():
                    self.assertFalse(name.startswith("on") or name == "src", name)
                    if name.endswith("href"):
                        self.assertTrue(value.startswith("#"), value)
            self.assertNotRegex(page.findtext("head/style"), r"@import|url\(")

    def test_links_lead_to_ids_and_ids_differ(self):
        for page in self.pages.values():
            ids = [element.get("id") for element in page.iter() if element.get("id")]
            self.assertEqual(len(ids), len(set(ids)))
            for link in page.iter("a"):
                self.assertIn(link.get("href").removeprefix("#"), ids)

    def test_headings_are_in_order(self):
        for page in self.pages.values():
            levels = [int(element.tag[1]) for element in page.iter() if re.fullmatch("h[1-6]", element.tag)]
            self.assertEqual(levels.count(1), 1)
            for above, below in zip([0] + levels, levels):
                self.assertLessEqual(below, above + 1)

    def test_drawings_say_what_they_show(self):
        drawings = self.each(SVG + "svg")
        self.assertGreater(len(drawings), 10)
        for drawing in drawings:
            self.assertEqual(drawing.get("role"), "img")
            self.assertTrue(drawing.get("aria-label"))
            self.assertRegex(drawing.get("viewBox"), r"^0 0 [1-9][\d.]* [1-9][\d.]*$")

    def test_marks_lie_in_their_drawings(self):
        for drawing in self.each(SVG + "svg"):
            width, height = (float(number) for number in drawing.get("viewBox").split()[2:])
            for text in drawing.iter(SVG + "use"):
                self.assertTrue(0 <= float(text.get("x", 0)) <= width, ET.tostring(text))
                self.assertTrue(0 <= float(text.get("y", 0)) <= height, ET.tostring(text))

    def test_tables_have_captions_heads_and_rows_of_one_width(self):
        for table in self.each("table"):
            self.assertTrue(table.findtext("caption"))
            self.assertEqual(len({sum(int(cell.get("colspan", 1)) for cell in row) for row in table.iter("tr")}), 1)
        for head in self.each("th"):
            self.assertIn(head.get("scope"), ("row", "col"))

    def test_is_small(self):
        self.assertLess(len(self.texts["sample"].encode()), BYTES_MAX)

    def test_text_and_marks_have_contrast(self):
        for scheme, colours in colour_schemes(self.style).items():
            for ground in ("page", "card"):
                for text in ("text", "quiet", "link"):
                    with self.subTest(scheme=scheme, text=text, ground=ground):
                        self.assertGreaterEqual(contrast(colours[text], colours[ground]), TEXT_CONTRAST_MIN)
            for mark in MARKS:
                with self.subTest(scheme=scheme, mark=mark):
                    self.assertGreaterEqual(contrast(mark, colours["card"]), MARK_CONTRAST_MIN)

    def test_shows_only_what_was_run(self):
        expected = (("share", "share", "space"), ("capacities", "hits", "share"), ("scatter", "scatter", "runs"))
        for sweep, shown, not_shown in expected:
            runs = [run for run in report_test.SAMPLE["runs"] if run["sweep"] == sweep]
            self.assertTrue(runs, sweep)
            page = report.page_of(dict(report_test.EMPTY, runs=runs))
            self.assertIn('<section id="%s">' % shown, page)
            self.assertNotIn('<section id="%s">' % not_shown, page)

    def test_the_headline_is_of_the_default_engine(self):
        sample = copy.deepcopy(report_test.SAMPLE)
        for run in sample["runs"]:
            run["utilisation_mean"] = 0.9876 if run["default"] else 0.1
        self.assertIn("<dd>98.76 %<span>", report.page_of(sample))

    def test_nothing_is_divided_by_zero(self):
        sample = copy.deepcopy(report_test.SAMPLE)
        for run in sample["runs"] + sample["policies"]:
            for name, value in run.items():
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    run[name] = 0
        page = report.page_of(sample)
        self.assertNotRegex(page, r"\bnan\b|[\"> -]inf\b")
        self.assertIn('<section id="space">', page)


if __name__ == "__main__":
    unittest.main()
