# SPDX-License-Identifier: Apache-2.0
"""What the README tells a consumer to write is what examples/consumer is: every file, word for word."""

import pathlib
import re
import unittest

CONSUMER = pathlib.Path("examples/consumer")


def snippets(markdown):
    """{file name: text} of the fenced blocks that follow a line "`name`:"."""
    return dict(re.findall(r"^`([^`\n]+)`:\n\n```[a-z]*\n(.*?)^```$", markdown, re.MULTILINE | re.DOTALL))


class ReadmeTest(unittest.TestCase):
    def test_snippets_are_the_consumer(self):
        files = {path.name: path.read_text() for path in CONSUMER.iterdir()}
        self.assertIn("main.cc", files)
        self.assertEqual(snippets(pathlib.Path("README.md").read_text()), files)


if __name__ == "__main__":
    unittest.main()
