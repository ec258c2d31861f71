# SPDX-License-Identifier: Apache-2.0
"""Tests png_image.py with an image whose lines use every filter."""

import struct
import unittest
import zlib

from tools.experiments import png_image

PIXELS = [[(10 * x + y, 200 - 30 * y, 7 * x * y % 256) for x in range(4)] for y in range(5)]


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def filtered(kind, line, above):
    """`line` as the filter `kind` of the PNG specification writes it."""
    out = bytearray([kind])
    for i, value in enumerate(line):
        a, c = (line[i - 3], above[i - 3]) if i >= 3 else (0, 0)
        b = above[i]
        p = a + b - c
        nearest = a if abs(p - a) <= abs(p - b) and abs(p - a) <= abs(p - c) else b if abs(p - b) <= abs(p - c) else c
        out.append((value - [0, a, b, (a + b) // 2, nearest][kind]) % 256)
    return bytes(out)


def png(pixels):
    lines = [bytes(channel for pixel in row for channel in pixel) for row in pixels]
    above = [bytes(len(lines[0]))] + lines
    raw = b"".join(filtered(y % 5, line, above[y]) for y, line in enumerate(lines))
    header = struct.pack(">IIBBBBB", len(pixels[0]), len(pixels), 8, 2, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    return png_image.SIGNATURE + content


class PngImageTest(unittest.TestCase):
    def test_undoes_every_filter(self):
        image = png_image.read_png(png(PIXELS))
        self.assertEqual((image.width, image.height, image.channels), (4, 5, 3))
        self.assertEqual([bytes(row) for row in image.rows], [bytes(sum(row, ())) for row in PIXELS])

    def test_counts_colours(self):
        counts = png_image.colours(png_image.read_png(png([[(1, 2, 3), (1, 2, 3), (4, 5, 6)]])))
        self.assertEqual(counts, {(1, 2, 3): 2, (4, 5, 6): 1})

    def test_refuses_what_it_cannot_read(self):
        with self.assertRaises(ValueError):
            png_image.read_png(b"GIF89a")


if __name__ == "__main__":
    unittest.main()
