#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the documents name is there: linked pages and headings, files of the repository, Bazel's labels."""

import os
import pathlib
import re
import unittest

# Through Bazel's links to the repository itself: the documents may name any file of it.
ROOT = pathlib.Path(__file__).resolve().parents[2]
# What stands for a name that the reader fills in.
PLACEHOLDER = re.compile(r"NAME|NOUN|\.\.\.$")


def documents():
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name == ".github" or not name.startswith((".", "bazel-"))]
        yield from (pathlib.Path(folder, name) for name in files if name.endswith(".md"))


def without_fences(text):
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(path):
    """The fragments that the site gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", without_fences(path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(text):
    return re.findall(r"\]\((?!\w+:)([^)\s]+)\)", without_fences(text))


def code(text):
    """What is set as code: in backticks, and in blocks."""
    return "\n".join(re.findall(r"^ *```.*?^ *```$|`[^`\n]+`", text, re.MULTILINE | re.DOTALL))


def paths(text):
    rooms = "|".join(re.escape(path.name) for path in ROOT.iterdir() if path.is_dir() and path.name[0] != ".")
    found = re.findall(rf"(?<![\w/:.@*-])(?:{rooms})/[\w./*-]*[\w*/]", code(text))
    return [path for path in found if not PLACEHOLDER.search(path)]


def labels(text):
    """(command before it, package, target) of each label."""
    found = re.findall(r"(bazel run (?:--\S+ )*)?(?:(?<![\w:/])|(?<=@slotwise))//([\w/.-]*)(?::([\w.-]+))?", code(text))
    return [label for label in found if label[1] and not PLACEHOLDER.search(label[1] + label[2])]


def link_resolves(document, link):
    name, _, fragment = link.partition("#")
    target = document.parent / name if name else document
    return target.exists() and (not fragment or fragment in anchors(target))


def label_exists(run, package, target):
    if not run and not target:
        return (ROOT / package).is_dir()
    build = ROOT / package / "BUILD.bazel"
    if not build.exists():
        return False
    target = target or package.rsplit("/", 1)[-1]
    # cc_fuzz_test of NAME declares NAME_test as well.
    names = {target, target.removesuffix("_test")} if target.endswith("_fuzz_test") else {target}
    return (build.parent / target).exists() or any(f'"{name}"' in build.read_text() for name in names)


class DocumentsTest(unittest.TestCase):
    def setUp(self):
        self.documents = {path: path.read_text() for path in documents()}
        self.assertIn(ROOT / "README.md", self.documents)

    def check(self, find, holds):
        wrong = [
            f"{document.relative_to(ROOT)}: {found}"
            for document, text in self.documents.items()
            for found in find(text)
            if not holds(document, found)
        ]
        self.assertEqual(wrong, [])

    def test_links_resolve(self):
        self.check(links, link_resolves)

    def test_paths_exist(self):
        self.check(paths, lambda _, path: any(ROOT.glob(path)))

    def test_labels_exist(self):
        self.check(labels, lambda _, label: label_exists(*label))

    def test_pages_have_one_title(self):
        pages = {path: text for path, text in self.documents.items() if ".github" not in path.parts}
        titles = {path: re.findall("^# .*$", without_fences(text), re.MULTILINE) for path, text in pages.items()}
        self.assertEqual({path: found for path, found in titles.items() if len(found) != 1}, {})


if __name__ == "__main__":
    unittest.main()
