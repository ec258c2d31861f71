# SPDX-License-Identifier: Apache-2.0
"""Slotwise's dependencies in WORKSPACE mode.

    load("@slotwise//:deps.bzl", "slotwise_dependencies")
    slotwise_dependencies()

A repository that already exists under one of these names wins, so call this
after your own http_archive()s to build against your versions.
"""

load("//third_party/system:absl.bzl", "system_absl_repository")
load("//third_party/system:libraries.bzl", "declare_system_libraries")
load("//third_party/system:shims.bzl", "declare_shims")

def slotwise_dependencies(shims = True):
    """Declares every external repository Slotwise needs, from the system.

    Args:
      shims: also declare the rules_* repositories as thin wrappers around the
        rules built into Bazel 4..7. Pass False if you declare real ones.
    """
    have = native.existing_rules()
    if "com_google_absl" not in have:
        system_absl_repository(name = "com_google_absl")
    declare_system_libraries(have)
    if shims:
        declare_shims(have)
