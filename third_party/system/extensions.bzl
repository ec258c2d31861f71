# SPDX-License-Identifier: Apache-2.0
"""The system's libraries under bzlmod (Bazel >= 7). Bazel 4 never loads this."""

load(":libraries.bzl", "declare_system_libraries")

# These come from the central registry.
_REGISTRY = ["com_github_google_benchmark", "com_google_googletest", "liburing", "rapidcheck"]

def _system_impl(_mctx):
    declare_system_libraries(have = _REGISTRY)

system = module_extension(implementation = _system_impl)
