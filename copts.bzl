"""Compiler flags of Slotwise's own targets; third-party code is not held to them."""

# Tests and tools: their libraries (RapidCheck, CLI11) may throw.
SLOTWISE_TEST_COPTS = [
    "-std=c++20",
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wshadow",
]

# What a consumer links: no exceptions.
SLOTWISE_COPTS = SLOTWISE_TEST_COPTS + ["-fno-exceptions"]
