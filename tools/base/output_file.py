# SPDX-License-Identifier: Apache-2.0
"""Files that a script writes for others to read, under the rules of rawblock/store/output_file.h."""

import os
import stat
import sys

SUPERBLOCK_MAGIC = b"SLOTWISE"
SUPERBLOCK_OFFSETS = (0, 128 << 10)


class Refused(ValueError):
    """The path, the reason and the way out."""


def unfinished(path):
    return os.fspath(path) + ".unfinished"


def same_file(a, b):
    """Whether two paths lead to the same file, or would if it were made."""
    try:
        return os.path.samefile(a, b)
    except OSError:
        return os.path.realpath(a) == os.path.realpath(b)


def is_stream(about, stream):
    try:
        return os.path.samestat(about, os.fstat(stream.fileno()))
    except (AttributeError, OSError, ValueError):  # closed, or no descriptor
        return False


def holds_store(path):
    with open(path, "rb") as file:
        return any(file.seek(offset) == offset and file.read(8) == SUPERBLOCK_MAGIC for offset in SUPERBLOCK_OFFSETS)


def reason_to_keep(path):
    """Why what is at `path` itself must stay; None if it need not."""
    try:
        about = os.lstat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error.strerror
    if not stat.S_ISREG(about.st_mode):
        return "it is a symbolic link" if stat.S_ISLNK(about.st_mode) else "it is not a regular file"
    if is_stream(about, sys.stdout) or is_stream(about, sys.stderr):
        return "it is the standard output or error"
    if not os.access(path, os.R_OK | os.W_OK):
        return "it may not be read and written"
    return "it holds a Slotwise store" if holds_store(path) else None


def check_place(path):
    path = os.fspath(path)
    reason = None
    if not os.access(os.path.dirname(path) or ".", os.W_OK | os.X_OK):
        reason = "its folder does not exist or may not be written"
    for place in (path, unfinished(path)):
        reason = reason or reason_to_keep(place)
    if reason:
        raise Refused("cannot write %s: %s; name another file" % (path, reason))


def overlap(output, kept):
    return same_file(output, kept) or same_file(unfinished(output), kept)


def check(outputs, kept=()):
    """Raises Refused unless write() may write each of `outputs`, which are none of `kept`. What is None means nothing."""
    outputs = [output for output in outputs if output is not None]
    for i, output in enumerate(outputs):
        check_place(output)
        for other in kept:
            if overlap(output, other):
                raise Refused("cannot write %s: that would overwrite %s; name another file" % (output, other))
        for other in outputs[:i]:
            if overlap(output, other) or overlap(other, output):
                raise Refused("cannot write %s: %s is written there too; name another file" % (output, other))


def write(path, text):
    """Replaces the file at `path` by `text`, at once. Raises Refused, or OSError."""
    check_place(path)
    new = unfinished(path)
    try:
        with open(new, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(new, path)
    except OSError:
        if os.path.exists(new):
            os.unlink(new)
        raise
