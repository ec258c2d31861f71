# SPDX-License-Identifier: Apache-2.0
"""Thin wrappers around the rules built into Bazel 4, which would otherwise download rules_* before the first build."""

def _native(*names):
    """A .bzl text that re-exports native rules."""
    return "".join(["%s = native.%s\n" % (name, name) for name in names])

# Bazel 4's own Python stub starts with `#!/usr/bin/env python`, which Debian does not have.
_PYTHON_TOOLCHAIN = """load("@bazel_tools//tools/python:toolchain.bzl", "py_runtime_pair")
py_runtime(
    name = "system_runtime",
    interpreter_path = "/usr/bin/python3",
    python_version = "PY3",
    stub_shebang = "#!/usr/bin/python3",
)
py_runtime_pair(name = "system_pair", py3_runtime = ":system_runtime")
toolchain(
    name = "system_python3",
    toolchain = ":system_pair",
    toolchain_type = "@bazel_tools//tools/python:toolchain_type",
)
"""

# Repository -> file -> text.
_SHIMS = {
    "remote_coverage_tools": {
        "BUILD.bazel": """package(default_visibility = ["//visibility:public"])
filegroup(name = "coverage_report_generator")
filegroup(name = "lcov_merger")
""",
    },
    "rules_cc": {
        "cc/defs.bzl": _native(
            "cc_binary",
            "cc_import",
            "cc_library",
            "cc_proto_library",
            "cc_test",
            "cc_toolchain",
            "cc_toolchain_suite",
            "objc_import",
            "objc_library",
        ),
    },
    "rules_java": {
        "java/defs.bzl": _native(
            "java_binary",
            "java_import",
            "java_library",
            "java_runtime",
            "java_test",
            "java_toolchain",
        ),
    },
    "rules_python": {
        "BUILD.bazel": _PYTHON_TOOLCHAIN,
        "python/defs.bzl": _native("py_binary", "py_library", "py_test"),
    },
    "rules_shell": {
        "shell/sh_binary.bzl": _native("sh_binary"),
        "shell/sh_library.bzl": _native("sh_library"),
        "shell/sh_test.bzl": _native("sh_test"),
    },
}

def _shim_impl(rctx):
    for path, text in _SHIMS[rctx.name].items():
        rctx.file(path, text)
        if "/" in path:
            rctx.file(path.split("/")[0] + "/BUILD.bazel")
    if "BUILD.bazel" not in _SHIMS[rctx.name]:
        rctx.file("BUILD.bazel")

_shim_repository = repository_rule(implementation = _shim_impl, local = True)

def declare_shims(have):
    """Declares each shim, but for those that `have` holds already."""
    for name in _SHIMS:
        if name not in have:
            _shim_repository(name = name)
    if "rules_python" not in have:
        native.register_toolchains("@rules_python//:system_python3")
