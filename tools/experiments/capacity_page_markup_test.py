# SPDX-License-Identifier: Apache-2.0
"""The capacity report's page is well-formed, needs nothing but itself and can be read by everyone."""

import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ET

PROGRAM = sys.argv.pop(1)
BYTES_MAX = 1 << 20
CONTRAST_MIN = 4.5
# Colours of text, and those that it stands upon.
TEXT_UPON = [
    (("text", "quiet", "link"), ("page", "card")),
    (("upon-pale",), ("heat-0", "heat-1", "heat-2", "heat-3", "heat-none")),
    (("upon-deep",), ("heat-4", "heat-5", "heat-6")),
]
# Colours of marks, which need less.
MARKS = ["series-%d" % i for i in range(7)] + ["mark-%d" % i for i in range(4)] + ["payload"]
MARK_CONTRAST_MIN = 3


def page(kind):
    return subprocess.run([PROGRAM, kind], check=True, stdout=subprocess.PIPE).stdout.decode()


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    lighter, darker = sorted([luminance(one), luminance(other)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def colour_schemes(style):
    """The colours by name, of the light and the dark scheme."""
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in style.split("@media", 2)[:2])
    return [("light", light), ("dark", dark)]


class CapacityPageMarkupTest(unittest.TestCase):
    def setUp(self):
        self.pages = {kind: ET.fromstring(page(kind)) for kind in ("sample", "hostile", "empty")}

    def each(self, name):
        return [element for root in self.pages.values() for element in root.iter(name)]

    def test_has_language_title_and_viewport(self):
        for root in self.pages.values():
            self.assertEqual(root.tag, "html")
            self.assertEqual(root.get("lang"), "en")
            self.assertTrue(root.findtext("head/title"))
            self.assertIsNotNone(root.find("head/meta[@name='viewport']"))

    def test_needs_no_script_and_nothing_else(self):
        for root in self.pages.values():
            tags = {element.tag for element in root.iter()}
            self.assertFalse(tags & {"script", "link", "img", "iframe", "object", "embed", "image", "use"})
            for element in root.iter():
                self.assertFalse([name for name in element.attrib if name.startswith("on") or name == "src"])
            self.assertNotRegex(root.findtext("head/style"), r"@import|url\(")

    def test_links_lead_to_sections(self):
        for root in self.pages.values():
            ids = [element.get("id") for element in root.iter() if element.get("id")]
            self.assertEqual(len(ids), len(set(ids)))
            for link in root.iter("a"):
                self.assertIn(link.get("href").removeprefix("#"), ids)

    def test_headings_are_in_order(self):
        for root in self.pages.values():
            levels = [int(element.tag[1]) for element in root.iter() if re.fullmatch("h[1-6]", element.tag)]
            self.assertEqual(levels.count(1), 1)
            for above, below in zip([0] + levels, levels):
                self.assertLessEqual(below, above + 1)

    def test_drawings_say_what_they_show(self):
        for drawing in self.each("svg"):
            self.assertEqual(drawing.get("role"), "img")
            self.assertTrue(drawing.get("aria-label"))
            self.assertRegex(drawing.get("viewBox"), r"^0 0 [1-9]\d* [1-9]\d*$")

    def test_tables_have_captions_and_heads(self):
        for table in self.each("table"):
            self.assertTrue(table.findtext("caption"))
            widths = {len(row) for row in table.iter("tr")}
            self.assertEqual(len(widths), 1)
        for head in self.each("th"):
            self.assertIn(head.get("scope"), ("row", "col"))

    def test_marks_lie_in_their_drawings(self):
        for drawing in self.each("svg"):
            width, height = map(int, drawing.get("viewBox").split()[2:])
            for mark in drawing.iter():
                for name, limit in (("x", width), ("cx", width), ("x2", width), ("y", height + 1), ("cy", height)):
                    self.assertTrue(0 <= float(mark.get(name, 0)) <= limit, ET.tostring(mark))

    def test_sample_shows_every_kind_of_mark(self):
        tags = [element.tag for element in self.pages["sample"].iter()]
        for tag in ("rect", "circle", "polyline", "line", "title", "details", "dl"):
            self.assertIn(tag, tags)

    def test_is_small(self):
        self.assertLess(len(page("sample").encode()), BYTES_MAX)

    def test_text_has_contrast(self):
        for scheme, colours in colour_schemes(self.pages["sample"].findtext("head/style")):
            for texts, grounds in TEXT_UPON:
                for text in texts:
                    for ground in grounds:
                        with self.subTest(scheme=scheme, text=text, ground=ground):
                            self.assertGreaterEqual(contrast(colours[text], colours[ground]), CONTRAST_MIN)

    def test_marks_have_contrast(self):
        for scheme, colours in colour_schemes(self.pages["sample"].findtext("head/style")):
            for mark in MARKS:
                with self.subTest(scheme=scheme, mark=mark):
                    self.assertGreaterEqual(contrast(colours[mark], colours["card"]), MARK_CONTRAST_MIN)


if __name__ == "__main__":
    unittest.main()
