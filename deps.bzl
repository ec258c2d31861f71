"""Slotwise's dependencies in WORKSPACE mode.

    load("@slotwise//:deps.bzl", "slotwise_dependencies")
    slotwise_dependencies()

A repository that already exists under one of these names wins, so call this
after your own http_archive()s to build against your versions.
"""

load(
    "//third_party/system:repositories.bzl",
    "shim_repository",
    "system_absl_repository",
    "system_library_repository",
)

# Repository -> overlay in third_party/system.
_SYSTEM = {
    "cli11": "cli11",
    "com_github_google_benchmark": "benchmark",
    "com_google_googletest": "googletest",
    "glog": "glog",
    "liburing": "liburing",
    "lmdb": "lmdb",
    "local_config_python": "python",
    "nlohmann_json": "nlohmann_json",
    "openssl": "openssl",
    "prometheus_cpp": "prometheus_cpp",
    "pybind11": "pybind11",
    "rapidcheck": "rapidcheck",
    "rocksdb": "rocksdb",
    "xxhash": "xxhash",
    "zlib": "zlib",
    "zstd": "zstd",
}

# Repositories that Bazel 4 would download before it can analyse any target.
_SHIMS = [
    "remote_coverage_tools",
    "rules_cc",
    "rules_java",
    "rules_python",
    "rules_shell",
]

def slotwise_dependencies(shims = True):
    """Declares every external repository Slotwise needs, from the system.

    Args:
      shims: also declare the rules_* repositories as thin wrappers around the
        rules built into Bazel 4..7. Pass False if you declare real ones.
    """
    have = native.existing_rules()
    if "com_google_absl" not in have:
        system_absl_repository(name = "com_google_absl")
    for name, overlay in _SYSTEM.items():
        if name not in have:
            system_library_repository(name = name, overlay = overlay)
    if shims:
        for name in _SHIMS:
            if name not in have:
                shim_repository(name = name, kind = name)
        if "rules_python" not in have:
            native.register_toolchains("@rules_python//:system_python3")
