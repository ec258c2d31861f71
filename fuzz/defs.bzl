# SPDX-License-Identifier: Apache-2.0
"""cc_fuzz_test: one fuzz target, two uses."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_test")
load("//:slotwise.bzl", "slotwise_library")

def cc_fuzz_test(name, deps = [], size = "small", tags = [], **kwargs):
    """Declares the fuzz target name.cc, written as LLVMFuzzerTestOneInput.

    Its seeds are the files of corpus/NAME, without the "_fuzz" of its name.

    <name>       the fuzzer under --config=asan; else a replayer of the files
                 and directories it is given.
    <name>_test  a test that replays every file of the seed corpus, with
                 whichever engine the configuration has.

    Args:
      name: the name.
      deps: what the sources use.
      size: the size of the test.
      tags: tags of both.
      **kwargs: passed to slotwise_library.
    """
    corpus = native.glob(["corpus/%s/*" % name.replace("_fuzz", "")])
    engine = select({
        "//:clang": [],
        "//conditions:default": ["//fuzz:replay_main"],
    })
    linkopts = select({
        "//:clang": ["-fsanitize=fuzzer"],
        "//conditions:default": [],
    })
    slotwise_library(
        name = name + "_lib",
        testonly = True,
        srcs = [name + ".cc"],
        alwayslink = True,
        deps = deps,
        **kwargs
    )
    cc_binary(
        name = name,
        testonly = True,
        linkopts = linkopts,
        tags = tags,
        deps = [name + "_lib"] + engine,
    )
    cc_test(
        name = name + "_test",
        size = size,
        args = ["$(rootpath %s)" % f for f in corpus],
        data = corpus,
        linkopts = linkopts,
        tags = tags,
        deps = [name + "_lib"] + engine,
    )
