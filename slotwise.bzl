# SPDX-License-Identifier: Apache-2.0
"""What every BUILD file of Slotwise declares: libraries, programs, tests and benchmarks of one noun each.

The sources of `x` are the files beside the BUILD file that are named after it: x.h, x.cc, x_test.cc,
x_benchmark.cc. A test or benchmark depends on the library of its noun without saying so.
"""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

# What a consumer links throws no exceptions. Tests and tools use libraries that may. Only what a consumer needs too
# stands here: warnings are for this repository, in .bazelrc.
TOOL_COPTS = ["-std=c++20"]
PRODUCT_COPTS = TOOL_COPTS + ["-fno-exceptions"]

# A test's own source runs for moments and is compiled at every turn.
TEST_COPTS = TOOL_COPTS + ["-O0", "-U_FORTIFY_SOURCE"]

_PRODUCT_FOLDERS = ["allocator", "iouring", "rawblock"]

def _is_product(testonly):
    return native.package_name().split("/")[0] in _PRODUCT_FOLDERS and not testonly

def _prelude(kind):
    """The copts and deps that compile with //third_party/precompiled:KIND; none for a consumer, and none for clang."""
    if native.repository_name() != "@":
        return struct(copts = [], deps = [])
    return struct(
        copts = select({
            "//:clang": [],
            "//conditions:default": ["-include", "$(BINDIR)/third_party/precompiled/%s.h" % kind],
        }),
        deps = select({
            "//:clang": [],
            "//conditions:default": ["//third_party/precompiled:" + kind],
        }),
    )

def _with_noun(name, suffix, deps):
    noun = name[:-len(suffix)]
    return ([":" + noun] if native.existing_rule(noun) else []) + deps

def slotwise_library(name, srcs = None, hdrs = None, testonly = False, deps = [], **kwargs):
    """cc_library of name.h and name.cc, as far as they exist."""
    sources = native.glob([name + ".cc"]) if srcs == None else srcs
    is_product = _is_product(testonly)
    prelude = _prelude("product" if is_product else "tool")
    cc_library(
        name = name,
        testonly = testonly,
        srcs = sources,
        hdrs = native.glob([name + ".h"]) if hdrs == None else hdrs,
        copts = (PRODUCT_COPTS if is_product else TOOL_COPTS) + (prelude.copts if sources else []),
        deps = deps + (prelude.deps if sources else []),
        **kwargs
    )

def slotwise_binary(name, srcs = None, testonly = False, copts = [], deps = [], **kwargs):
    """cc_binary of name.cc."""
    prelude = _prelude("tool")
    cc_binary(
        name = name,
        testonly = testonly,
        srcs = [name + ".cc"] if srcs == None else srcs,
        copts = TOOL_COPTS + prelude.copts + copts,
        deps = deps + prelude.deps,
        **kwargs
    )

def slotwise_test(name, srcs = None, size = "small", main = True, deps = [], **kwargs):
    """cc_test of name.cc, with the library of its noun; `main`: with GoogleTest and its main()."""
    prelude = _prelude("test")
    cc_test(
        name = name,
        size = size,
        srcs = [name + ".cc"] if srcs == None else srcs,
        copts = TEST_COPTS + prelude.copts,
        deps = _with_noun(name, "_test", deps) + (["@com_google_googletest//:gtest_main"] if main else []) + prelude.deps,
        **kwargs
    )

def slotwise_benchmark(name, deps = [], **kwargs):
    """A testonly program of name.cc, with the library of its noun; a step of tools/test runs it shortly."""
    slotwise_binary(name = name, testonly = True, deps = _with_noun(name, "_benchmark", deps), **kwargs)
