#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy over the sources whose paths match a pattern, and prints what it finds.

Much of clang-tidy's time goes into headers, so the sources of a folder are
checked together, as one translation unit that reads each header once. A unit
with a finding is halved until the source is found, which is then checked alone.
What is found only in several sources together is reported of their unit; that
they do not compile together, because two use one name for something of their
own, is no finding.

Usage: unified_tidy.py PATTERN [PASSED] < compile_commands.json. Exits 1 if anything
was found or nothing matched. In the folder PASSED, the sources in which nothing was
found leave a mark of their text, their options and all headers of the repository that
they reach; what has its mark there is not checked again.
"""

import collections
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

# More at once save little, and split the work less evenly.
SOURCES_PER_UNIT_MAX = 16

INCLUDE_OPTIONS = ("-iquote", "-isystem", "-I")
OUTPUT_OPTIONS = ("-MF", "-o", "-c")
OWN_INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


@functools.lru_cache(maxsize=None)
def own_includes(path):
    """The headers of the repository that the file includes itself."""
    return [header for header in OWN_INCLUDE.findall(pathlib.Path(path).read_text()) if os.path.exists(header)]


def reached(path):
    """The file and every header of the repository that it reaches, sorted."""
    found, waiting = {path}, [path]
    while waiting:
        new = set(own_includes(waiting.pop())) - found
        found |= new
        waiting.extend(new)
    return sorted(found)


class Source:
    """One source, with its include options and its other options; none that name its own files."""

    def __init__(self, command):
        self.folder = command["directory"]
        self.path = command["file"]
        self.includes = []
        self.options = []
        words = iter(command["arguments"])
        for word in words:
            if word in INCLUDE_OPTIONS:
                self.includes.append((word, next(words)))
            elif word in OUTPUT_OPTIONS:
                next(words)
            elif not word.startswith(("-MD", "-frandom-seed=")):
                self.options.append(word)

    def mark(self):
        """What its result depends on, as a name for a file; the same in every clone."""
        folders = [folder.split("/external/")[-1] for _, folder in self.includes]
        parts = [*folders, *self.options, pathlib.Path(".clang-tidy").read_text()]
        parts += [text for path in reached(self.path) for text in (path, pathlib.Path(path).read_text())]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def text(self):
        path = os.path.join(self.folder, self.path)
        return '#line 1 "%s"\n%s\n' % (path, pathlib.Path(path).read_text())


def compile_command(sources, path):
    """The command that compiles `path`, which holds `sources`."""
    includes = dict.fromkeys(pair for source in sources for pair in source.includes)
    arguments = sources[0].options + [word for pair in includes for word in pair] + ["-c", path]
    return {"directory": sources[0].folder, "file": path, "arguments": arguments}


def run_clang_tidy(sources):
    """(whether all is well, output) of `sources` as one unit, or of a lone one as itself."""
    with tempfile.TemporaryDirectory() as folder:
        path = sources[0].path
        if len(sources) > 1:
            path = os.path.join(folder, "unit.cc")
            pathlib.Path(path).write_text("".join(source.text() for source in sources))
        commands = pathlib.Path(folder, "compile_commands.json")
        commands.write_text(json.dumps([compile_command(sources, path)]))
        command = ["clang-tidy-14", "--quiet", "--config-file=.clang-tidy", "-p", folder, path]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return result.returncode == 0, result.stdout


def findings(sources):
    """What clang-tidy finds in `sources`; empty if all is well."""
    well, output = run_clang_tidy(sources)
    if well:
        return ""
    if len(sources) == 1:
        return output
    middle = len(sources) // 2
    found = findings(sources[:middle]) + findings(sources[middle:])
    compiled_together = "[clang-diagnostic-error]" not in output
    return found or (output if compiled_together else "")


def units(sources):
    """The sources in lists of one folder and the same options, of about equal length."""
    alike = collections.defaultdict(list)
    for source in sources:
        alike[os.path.dirname(source.path), tuple(source.options)].append(source)
    for members in alike.values():
        count = -(-len(members) // SOURCES_PER_UNIT_MAX)
        yield from (members[first::count] for first in range(count))


def main():
    pattern = re.compile(sys.argv[1])
    marks = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    matching = {command["file"]: command for command in json.load(sys.stdin) if pattern.search(command["file"])}
    sources = [source for source in map(Source, matching.values()) if not marks or not (marks / source.mark()).exists()]
    longest_first = sorted(units(sources), key=len, reverse=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as executor:
        found = list(executor.map(findings, longest_first))
    if marks:
        marks.mkdir(parents=True, exist_ok=True)
        for unit, text in zip(longest_first, found):
            for source in unit if not text else []:
                (marks / source.mark()).touch()
    print("".join(found), end="")
    print("checked %d of %d sources" % (len(sources), len(matching)), file=sys.stderr)
    return 1 if any(found) or not matching else 0


if __name__ == "__main__":
    sys.exit(main())
