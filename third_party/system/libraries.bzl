# SPDX-License-Identifier: Apache-2.0
"""The libraries that Slotwise takes from the distribution, one row each, and the repositories made of the rows.

`tools/setup` reads the packages from here: each row names its own as a literal.
"""

_LIBRARY_FOLDERS = [
    "/usr/local/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
]

def _library(package, target, headers, link = [], static = None, deps = [], more = ""):
    """A row of the table.

    Args:
      package: Debian's package.
      target: the label of the library in its own Bazel build, after `@NAME//:`.
      headers: files and folders of /usr/include.
      link: the names that the linker is given.
      static: a static library in place of them.
      deps: labels of what the headers include.
      more: BUILD text of the repository's other targets.
    """
    return struct(package = package, target = target, headers = headers, link = link, static = static, deps = deps, more = more)

# Repository -> row.
LIBRARIES = {
    "blkid": _library(package = "libblkid-dev", target = "blkid", headers = ["blkid"], link = ["blkid"]),
    "cli11": _library(package = "libcli11-dev", target = "cli11", headers = ["CLI"]),
    "com_github_google_benchmark": _library(
        package = "libbenchmark-dev",
        target = "benchmark",
        headers = ["benchmark"],
        link = ["benchmark"],
        more = """cc_library(name = "benchmark_main", linkopts = ["-lbenchmark_main"], deps = [":benchmark"])""",
    ),
    "glog": _library(package = "libgoogle-glog-dev", target = "glog", headers = ["glog"], link = ["glog"]),
    "liburing": _library(package = "liburing-dev", target = "liburing", headers = ["liburing", "liburing.h"], link = ["uring"]),
    "lmdb": _library(package = "liblmdb-dev", target = "lmdb", headers = ["lmdb.h"], link = ["lmdb"]),
    "nlohmann_json": _library(package = "nlohmann-json3-dev", target = "json", headers = ["nlohmann"]),
    "openssl": _library(package = "libssl-dev", target = "crypto", headers = ["openssl"], link = ["crypto"]),
    "prometheus_cpp": _library(package = "prometheus-cpp-dev", target = "core", headers = ["prometheus"], link = ["prometheus-cpp-core"]),
    "pybind11": _library(
        package = "pybind11-dev",
        target = "pybind11",
        headers = ["pybind11"],
        deps = ["@local_config_python//:python_headers"],
    ),
    "rapidcheck": _library(
        package = "librapidcheck-dev",
        target = "rapidcheck",
        headers = ["rapidcheck", "rapidcheck.h"],
        static = "librapidcheck.a",
        more = """cc_library(name = "rapidcheck_gtest", deps = [":rapidcheck", "@com_google_googletest//:gtest"])""",
    ),
    "rocksdb": _library(package = "librocksdb-dev", target = "rocksdb", headers = ["rocksdb"], link = ["rocksdb"]),
    "xxhash": _library(package = "libxxhash-dev", target = "xxhash", headers = ["xxhash.h"], link = ["xxhash"]),
    "zlib": _library(package = "zlib1g-dev", target = "zlib", headers = ["zlib.h", "zconf.h"], link = ["z"]),
    "zstd": _library(package = "libzstd-dev", target = "zstd", headers = ["zstd.h", "zstd_errors.h"], link = ["zstd"]),
}

def first_existing(rctx, paths):
    """The first of `paths` that exists; fails with what to do if none does."""
    for path in paths:
        if rctx.path(path).exists:
            return path
    fail("slotwise: cannot find %s for @%s. Run tools/setup." % (" or ".join(paths), rctx.name))

_BUILD = """# Written by third_party/system/libraries.bzl.
load("@rules_cc//cc:defs.bzl", "cc_library")

package(default_visibility = ["//visibility:public"])

cc_library(
    name = {target},
    srcs = {srcs},
    hdrs = glob(["include/**"]),
    includes = ["include"],
    linkopts = {linkopts},
    deps = {deps},
)

{more}
"""

def _system_library_impl(rctx):
    row = LIBRARIES[rctx.attr.library]
    for header in row.headers:
        rctx.symlink(first_existing(rctx, ["/usr/include/" + header]), "include/" + header)
    for name in row.link:
        first_existing(rctx, ["%s/lib%s.so" % (folder, name) for folder in _LIBRARY_FOLDERS])
    if row.static:
        rctx.symlink(first_existing(rctx, [folder + "/" + row.static for folder in _LIBRARY_FOLDERS]), row.static)
    rctx.file("BUILD.bazel", _BUILD.format(
        target = repr(row.target),
        srcs = repr([row.static] if row.static else []),
        linkopts = repr(["-l" + name for name in row.link] + ["-pthread"]),
        deps = repr(row.deps),
        more = row.more,
    ))

system_library_repository = repository_rule(
    implementation = _system_library_impl,
    attrs = {"library": attr.string(mandatory = True)},
    local = True,
)

# --- What is more than headers and a library ------------------------------------------

_PYTHON_BUILD = """# An extension module finds Python's symbols in the interpreter that loads it.
load("@rules_cc//cc:defs.bzl", "cc_library")

cc_library(
    name = "python_headers",
    hdrs = glob(["include/**/*.h"]),
    includes = ["include"],
    visibility = ["//visibility:public"],
)
"""

def _system_python_impl(rctx):
    asked = rctx.execute(["/usr/bin/python3", "-c", "import sysconfig; print(sysconfig.get_paths()['include'])"])
    rctx.symlink(first_existing(rctx, [asked.stdout.strip() or "/usr/bin/python3"]), "include")
    rctx.file("BUILD.bazel", _PYTHON_BUILD)

system_python_repository = repository_rule(implementation = _system_python_impl, local = True)

_FUZZER_BUILD = """load("@rules_cc//cc:defs.bzl", "cc_library")

cc_library(
    name = "fuzzed_data_provider",
    hdrs = ["include/fuzzer/FuzzedDataProvider.h"],
    includes = ["include"],
    visibility = ["//visibility:public"],
)
"""

# A header alone: it serves every compiler.
def _system_fuzzer_impl(rctx):
    asked = rctx.execute(["clang++", "-print-resource-dir"])
    header = "/include/fuzzer/FuzzedDataProvider.h"
    rctx.symlink(first_existing(rctx, [asked.stdout.strip() + header]), header[1:])
    rctx.file("BUILD.bazel", _FUZZER_BUILD)

system_fuzzer_repository = repository_rule(implementation = _system_fuzzer_impl, local = True)

_GOOGLETEST_BUILD = """# Built from the distribution's sources, so it carries the sanitizer and -std flags of the configuration.
# As upstream, :gtest contains gmock.
load("@rules_cc//cc:defs.bzl", "cc_library")

package(default_visibility = ["//visibility:public"])

_COMPILED = ["googlemock/src/gmock-all.cc", "googletest/src/gtest-all.cc"]

cc_library(
    name = "gtest",
    srcs = _COMPILED,
    hdrs = glob(["*/include/**/*.h"]),
    copts = ["-w"],
    includes = ["googlemock", "googlemock/include", "googletest", "googletest/include"],
    linkopts = ["-pthread"],
    textual_hdrs = glob(["*/src/*.cc", "*/src/*.h"], exclude = _COMPILED),
)

cc_library(name = "gtest_main", srcs = ["googlemock/src/gmock_main.cc"], deps = [":gtest"])
"""

def _system_googletest_impl(rctx):
    for part in ["googlemock", "googletest"]:
        rctx.symlink(first_existing(rctx, ["/usr/src/googletest/" + part]), part)
    rctx.file("BUILD.bazel", _GOOGLETEST_BUILD)

system_googletest_repository = repository_rule(implementation = _system_googletest_impl, local = True)

def declare_system_libraries(have):
    """Declares a repository for each row, but for those that `have` holds already."""
    for name in LIBRARIES:
        if name not in have:
            system_library_repository(name = name, library = name)
    if "local_config_python" not in have:
        system_python_repository(name = "local_config_python")
    if "libfuzzer" not in have:
        system_fuzzer_repository(name = "libfuzzer")
    if "com_google_googletest" not in have:
        system_googletest_repository(name = "com_google_googletest")
