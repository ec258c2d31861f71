# SPDX-License-Identifier: Apache-2.0
"""The graph of includes between the folders of a repository."""

import collections
import os
import pathlib
import re

OWN_INCLUDE = re.compile(r'^#include "([^"]+/[^"]+)"', re.MULTILINE)

# From the ground up: a room may include those before it. allocator and iouring know nothing of each other.
STOREYS = [
    "slotwise",
    "allocator",
    "iouring/system",
    "iouring",
    "rawblock/disk",
    "rawblock/log",
    "rawblock/eviction",
    "rawblock/core",
    "rawblock/make",
    "rawblock/store",
    "lmcache",
    "tools/base",
    "tools/traces",
    "tools/stores",
    "tools/replay",
    "tools/experiments",
    "tools/bench",
    "tools/bench/peers",
    "tools/cli",
]
APART = ({"allocator", "iouring"}, {"allocator", "iouring/system"})
FILES_PER_FOLDER_MAX = 60
# Headers that bring a logging or stream library into whatever includes them.
HEAVY_INCLUDE = re.compile(r"^#include [<\"](glog/logging.h|iostream|ostream|sstream)[>\"]", re.MULTILINE)
# Folders of data, not of sources.
DATA = ("docs", "fuzz/corpus", "tests/canaries/corpus", "tests/golden")


def files_of(root):
    """The repository's files, as paths from its root; none of what Bazel or git keep."""
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith((".", "bazel-"))]
        yield from (os.path.relpath(os.path.join(folder, name), root) for name in names)


def is_test(path):
    """Tests, benchmarks, what only they use, and fuzz targets: they may look into every room."""
    return bool(re.search(r"_(test|benchmark)\.(cc|c)$|/testing/|^tests/|^fuzz/", path))


def includes(root):
    """(including file, included file) of each include of one file of the repository by another."""
    for path in sorted(files_of(root)):
        if path.endswith((".cc", ".h", ".c")) and not path.startswith("examples/"):
            text = pathlib.Path(root, path).read_text()
            yield from ((path, header) for header in OWN_INCLUDE.findall(text) if os.path.exists(os.path.join(root, header)))


def heavy_headers(root):
    """Headers that include a logging or stream library; those that are compiled once for all are meant to."""
    headers = (path for path in files_of(root) if path.endswith(".h") and not path.startswith("third_party/"))
    return sorted(path for path in headers if HEAVY_INCLUDE.search(pathlib.Path(root, path).read_text()))


def graph_of(pairs):
    """{folder: {other folder it includes: an example (file, header)}} of product and tools; tests left out."""
    graph = collections.defaultdict(dict)
    for path, header in pairs:
        folder, other = os.path.dirname(path), os.path.dirname(header)
        if not is_test(path) and folder != other:
            graph[folder].setdefault(other, (path, header))
    return graph


def wrong_arrows(graph):
    """What is wrong with the graph, a line each: arrows up, arrows to testing rooms, rooms without a storey."""
    storey = {room: height for height, room in enumerate(STOREYS)}
    for folder in sorted(graph):
        for other, (path, header) in sorted(graph[folder].items()):
            arrow = "%s includes %s" % (path, header)
            if is_test(header):
                yield arrow + ", which is for tests only"
            elif folder not in storey or other not in storey:
                yield arrow + ", and one of the rooms has no storey in include_graph.py"
            elif storey[other] > storey[folder] or {folder, other} in APART:
                yield arrow + ", which is no room below it"


def text_of(graph):
    """The graph, a line for each room from the ground up. In this order no arrow goes up, so there is no circle."""
    rooms = [room for room in STOREYS if room in graph or any(room in others for others in graph.values())]
    return "\n".join("%-18s -> %s" % (room, " ".join(sorted(graph[room], key=STOREYS.index)) or "-") for room in rooms)


def crowded(root):
    """{folder: number of files} of the folders that hold more than FILES_PER_FOLDER_MAX."""
    counts = collections.Counter(os.path.dirname(path) for path in files_of(root))
    return {f: n for f, n in counts.items() if n > FILES_PER_FOLDER_MAX and not f.startswith(DATA)}
