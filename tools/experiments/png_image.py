# SPDX-License-Identifier: Apache-2.0
"""Reads a PNG file of 8 bits per channel, for tests that look at screenshots."""

import collections
import struct
import zlib

Image = collections.namedtuple("Image", "width height channels rows")

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS_OF_COLOUR_TYPE = {2: 3, 6: 4}


def chunks(data):
    """(type, content) of each chunk."""
    at = len(SIGNATURE)
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += length + 12


def paeth(left, above, corner):
    estimate = left + above - corner
    return min((left, above, corner), key=lambda neighbour: abs(estimate - neighbour))


def unfilter(kind, line, above, step):
    """Undoes the filter `kind` of `line` in place; `step` bytes are a pixel."""
    if kind == 0:
        return
    for i in range(len(line)):
        left, corner = (line[i - step], above[i - step]) if i >= step else (0, 0)
        predicted = (left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner))[kind - 1]
        line[i] = (line[i] + predicted) & 0xFF


def read_png(data):
    if not data.startswith(SIGNATURE):
        raise ValueError("no PNG file")
    found = list(chunks(data))
    width, height, depth, colour_type = struct.unpack(">IIBB", found[0][1][:10])
    if depth != 8 or colour_type not in CHANNELS_OF_COLOUR_TYPE:
        raise ValueError("only 8 bits per channel, with or without transparency")
    step = CHANNELS_OF_COLOUR_TYPE[colour_type]
    raw = zlib.decompress(b"".join(content for kind, content in found if kind == b"IDAT"))
    rows, above = [], bytes(width * step)
    for start in range(0, len(raw), width * step + 1):
        line = bytearray(raw[start + 1 : start + 1 + width * step])
        unfilter(raw[start], line, above, step)
        rows.append(line)
        above = line
    return Image(width, height, step, rows)


def colours(image):
    """How many pixels have each colour."""
    count = collections.Counter()
    for row in image.rows:
        count.update(zip(*(row[channel :: image.channels] for channel in range(3))))
    return count
