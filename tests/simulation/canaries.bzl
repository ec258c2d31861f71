# SPDX-License-Identifier: Apache-2.0
"""simulation_canary: one planted defect that the simulation must catch."""

load("//:slotwise.bzl", "slotwise_test")

def _planted_source_impl(ctx):
    ctx.actions.expand_template(
        template = ctx.file.source,
        output = ctx.outputs.out,
        substitutions = {ctx.attr.original: ctx.attr.mutant},
    )

_planted_source = rule(
    implementation = _planted_source_impl,
    attrs = {
        "mutant": attr.string(mandatory = True),
        "original": attr.string(mandatory = True),
        "out": attr.output(mandatory = True),
        "source": attr.label(mandatory = True, allow_single_file = [".cc"]),
    },
)

def simulation_canary(name, source, original, mutant, caught, seeds = 40, operations = 60, forks = True):
    """Declares a test that a core with a defect is caught by the simulation, every time.

    The defect is one exact substitution in one source of //rawblock. The copy is
    compiled into the test, where its symbols come before the library's own. A
    substitution that no longer matches leaves the core whole, so the test fails.

    Args:
      name: <name>_canary_test is the test.
      source: the label of the file; its library has the same name.
      original: the text that is replaced.
      mutant: the text that replaces it.
      caught: a regular expression that the report must match.
      seeds: the most runs that may pass before one diverges; three batches
        are tried.
      operations: of each run.
      forks: whether the defect shows by power cuts only, which take most of the time.
    """
    planted = "planted/%s/%s" % (name, source.split(":")[1])
    _planted_source(
        name = name + "_source",
        testonly = True,
        source = source,
        original = original,
        mutant = mutant,
        out = planted,
    )
    slotwise_test(
        name = name + "_canary_test",
        size = "medium",
        srcs = [planted],
        args = ["--caught='%s'" % caught, "--seeds=%d" % seeds, "--operations=%d" % operations] + ([] if forks else ["--no_forks"]),
        linkstatic = True,
        main = False,
        tags = ["default-only"],
        deps = [source[:-len(".cc")], ":simulation_canary"],
    )
