# SPDX-License-Identifier: Apache-2.0
"""What every BUILD file of Slotwise declares: libraries, programs, tests and benchmarks of one noun each.

The sources of `x` are the files beside the BUILD file that are named after it: x.h, x.cc, x_test.cc,
x_benchmark.cc. A test or benchmark depends on the library of its noun without saying so.
"""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

# What a consumer links throws no exceptions. Tests and tools use libraries that may.
_WITHOUT_EXCEPTIONS = ["allocator", "iouring", "rawblock"]

def slotwise_copts(testonly = False):
    """The options of one source: only what a consumer needs too. Warnings are for this repository, in .bazelrc."""
    product = native.package_name().split("/")[0] in _WITHOUT_EXCEPTIONS and not testonly
    return ["-std=c++20"] + (["-fno-exceptions"] if product else [])

def _with_noun(name, suffix, deps):
    noun = name[:-len(suffix)]
    return ([":" + noun] if native.existing_rule(noun) else []) + deps

def slotwise_library(name, srcs = None, hdrs = None, testonly = False, **kwargs):
    """cc_library of name.h and name.cc, as far as they exist."""
    cc_library(
        name = name,
        testonly = testonly,
        srcs = native.glob([name + ".cc"]) if srcs == None else srcs,
        hdrs = native.glob([name + ".h"]) if hdrs == None else hdrs,
        copts = slotwise_copts(testonly),
        **kwargs
    )

def slotwise_binary(name, srcs = None, testonly = False, copts = [], **kwargs):
    """cc_binary of name.cc."""
    cc_binary(
        name = name,
        testonly = testonly,
        srcs = [name + ".cc"] if srcs == None else srcs,
        copts = slotwise_copts(testonly = True) + copts,
        **kwargs
    )

def slotwise_test(name, srcs = None, size = "small", main = True, deps = [], **kwargs):
    """cc_test of name.cc, with the library of its noun; `main`: with GoogleTest and its main()."""
    cc_test(
        name = name,
        size = size,
        srcs = [name + ".cc"] if srcs == None else srcs,
        copts = slotwise_copts(testonly = True),
        deps = _with_noun(name, "_test", deps) + (["@com_google_googletest//:gtest_main"] if main else []),
        **kwargs
    )

def slotwise_benchmark(name, deps = [], **kwargs):
    """A testonly program of name.cc, with the library of its noun; a step of tools/test runs it shortly."""
    slotwise_binary(name = name, testonly = True, deps = _with_noun(name, "_benchmark", deps), **kwargs)
