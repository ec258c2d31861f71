# SPDX-License-Identifier: Apache-2.0
"""The distribution's Abseil as @com_google_absl, its libraries as its pkg-config files tell them."""

load(":libraries.bzl", "first_existing")

# The labels that Slotwise uses -> pkg-config modules.
_LABELS = {
    "cleanup": {"cleanup": "absl_cleanup"},
    "container": {
        "btree": "absl_btree",
        "flat_hash_map": "absl_flat_hash_map",
        "flat_hash_set": "absl_flat_hash_set",
    },
    "functional": {"any_invocable": "absl_any_invocable", "function_ref": "absl_function_ref"},
    "hash": {"hash": "absl_hash"},
    "memory": {"memory": "absl_memory"},
    "numeric": {"int128": "absl_int128"},
    "status": {"status": "absl_status", "statusor": "absl_statusor"},
    "strings": {"str_format": "absl_str_format", "strings": "absl_strings"},
    "time": {"time": "absl_time"},
}

_FOLDERS = ["/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"]

def _requires(text):
    """The absl_* modules named by Requires: in a pkg-config file."""
    for line in text.split("\n"):
        if line.startswith("Requires:"):
            words = [part.strip().split(" ")[0] for part in line[len("Requires:"):].split(",")]
            return [word for word in words if word]
    return []

def _module_library(rctx, folder, module, modules):
    """BUILD text of one module."""

    # Debian's lib*.a are PIE, not PIC: they cannot be linked into a shared
    # object. The .so files can, and give one copy of Abseil per process.
    linkopts = ["-pthread"]
    if rctx.path("%s/lib%s.so" % (folder, module)).exists:
        linkopts = ["-L" + folder, "-l" + module] + linkopts
    required = _requires(rctx.read("%s/pkgconfig/%s.pc" % (folder, module)))
    deps = [":headers"] + [":" + name for name in required if name in modules]
    return "cc_library(name = %r, deps = %r, linkopts = %r)" % (module, deps, linkopts)

def _absl_impl(rctx):
    base = first_existing(rctx, [folder + "/pkgconfig/absl_base.pc" for folder in _FOLDERS])
    folder = base[:-len("/pkgconfig/absl_base.pc")]
    rctx.symlink("/usr/include/absl", "include/absl")
    found = [entry.basename for entry in rctx.path(folder + "/pkgconfig").readdir()]
    modules = [name[:-len(".pc")] for name in found if name.startswith("absl_") and name.endswith(".pc")]
    rctx.file("BUILD.bazel", "\n".join([
        "# Written by third_party/system/absl.bzl.",
        "load(\"@rules_cc//cc:defs.bzl\", \"cc_library\")",
        "package(default_visibility = [\"//visibility:public\"])",
        "cc_library(name = \"headers\", hdrs = glob([\"include/absl/**/*.h\", \"include/absl/**/*.inc\"]), includes = [\"include\"])",
    ] + [_module_library(rctx, folder, module, modules) for module in sorted(modules)]) + "\n")
    for package, targets in _LABELS.items():
        aliases = ["alias(name = %r, actual = %r)" % (target, "//:" + module) for target, module in targets.items()]
        rctx.file(
            "absl/%s/BUILD.bazel" % package,
            "\n".join(["package(default_visibility = [\"//visibility:public\"])"] + aliases) + "\n",
        )

system_absl_repository = repository_rule(implementation = _absl_impl, local = True)
