"""Repository rules that present the distribution's prebuilt libraries under
the labels their Bazel builds use, without touching the network."""

load(":absl_targets.bzl", "ABSL_PACKAGES")

_LIBDIRS = [
    "/usr/local/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
]

def _first_existing(rctx, paths, what):
    for p in paths:
        if rctx.path(p).exists:
            return p
    fail("slotwise: cannot find %s (looked at %s). Run tools/setup." % (what, ", ".join(paths)))

# --- shims -----------------------------------------------------------------

def _native_defs(names):
    """A .bzl text that re-exports native rules."""
    return "".join(["%s = native.%s\n" % (n, n) for n in names])

_SHIM_FILES = {
    "remote_coverage_tools": {
        "BUILD.bazel": """package(default_visibility = ["//visibility:public"])
sh_binary(name = "coverage_report_generator", srcs = ["lcov.py"])
sh_binary(name = "lcov_merger", srcs = ["lcov.py"])
""",
    },
    "rules_cc": {
        "BUILD.bazel": "",
        "cc/BUILD.bazel": "",
        "cc/defs.bzl": _native_defs([
            "cc_binary",
            "cc_import",
            "cc_library",
            "cc_proto_library",
            "cc_test",
            "cc_toolchain",
            "cc_toolchain_suite",
            "objc_import",
            "objc_library",
        ]),
    },
    "rules_java": {
        "BUILD.bazel": "",
        "java/BUILD.bazel": "",
        "java/defs.bzl": _native_defs([
            "java_binary",
            "java_import",
            "java_library",
            "java_runtime",
            "java_test",
            "java_toolchain",
        ]),
    },
    "rules_python": {
        # Bazel 4's own stub starts with `#!/usr/bin/env python`, which Debian
        # does not have.
        "BUILD.bazel": """load("@bazel_tools//tools/python:toolchain.bzl", "py_runtime_pair")
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
""",
        "python/BUILD.bazel": "",
        "python/defs.bzl": _native_defs(["py_binary", "py_library", "py_test"]),
    },
    "rules_shell": {
        "BUILD.bazel": "",
        "shell/BUILD.bazel": "",
        "shell/sh_binary.bzl": _native_defs(["sh_binary"]),
        "shell/sh_library.bzl": _native_defs(["sh_library"]),
        "shell/sh_test.bzl": _native_defs(["sh_test"]),
    },
}

def _shim_impl(rctx):
    for path, text in _SHIM_FILES[rctx.attr.kind].items():
        rctx.file(path, text)
    if rctx.attr.kind == "remote_coverage_tools":
        rctx.symlink(rctx.attr._lcov, "lcov.py")

shim_repository = repository_rule(
    implementation = _shim_impl,
    attrs = {
        "kind": attr.string(mandatory = True),
        "_lcov": attr.label(default = Label("//third_party/shims:lcov.py")),
    },
    local = True,
)

# --- system libraries --------------------------------------------------------

# What each overlay (<overlay>.BUILD) needs: destination -> candidates.
_SYSTEM_FILES = {
    "benchmark": {
        "include/benchmark": ["/usr/include/benchmark"],
        "lib/libbenchmark.so": ["{libdir}/libbenchmark.so"],
    },
    "cli11": {
        "include/CLI": ["/usr/include/CLI"],
    },
    "glog": {
        "include/glog": ["/usr/include/glog"],
        "lib/libglog.so": ["{libdir}/libglog.so"],
    },
    "googletest": {
        "googlemock": ["/usr/src/googletest/googlemock"],
        "googletest": ["/usr/src/googletest/googletest"],
    },
    "liburing": {
        "include/liburing": ["/usr/include/liburing"],
        "include/liburing.h": ["/usr/include/liburing.h"],
        "lib/liburing.so": ["{libdir}/liburing.so"],
    },
    "lmdb": {
        "include/lmdb.h": ["/usr/include/lmdb.h"],
        "lib/liblmdb.so": ["{libdir}/liblmdb.so"],
    },
    "nlohmann_json": {
        "include/nlohmann": ["/usr/include/nlohmann"],
    },
    "openssl": {
        "include/openssl": ["/usr/include/openssl"],
        "lib/libcrypto.so": ["{libdir}/libcrypto.so"],
    },
    "prometheus_cpp": {
        "include/prometheus": ["/usr/include/prometheus"],
        "lib/libprometheus-cpp-core.so": ["{libdir}/libprometheus-cpp-core.so"],
    },
    "pybind11": {
        "include/pybind11": ["/usr/include/pybind11"],
    },
    "python": {
        "include": ["/usr/include/python3.11"],
    },
    "rapidcheck": {
        "include/rapidcheck": ["/usr/include/rapidcheck"],
        "include/rapidcheck.h": ["/usr/include/rapidcheck.h"],
        "lib/librapidcheck.a": ["{libdir}/librapidcheck.a"],
    },
    "rocksdb": {
        "include/rocksdb": ["/usr/include/rocksdb"],
        "lib/librocksdb.so": ["{libdir}/librocksdb.so"],
    },
    "xxhash": {
        "include/xxhash.h": ["/usr/include/xxhash.h"],
        "lib/libxxhash.so": ["{libdir}/libxxhash.so"],
    },
    "zlib": {
        "include/zconf.h": ["/usr/include/zconf.h"],
        "include/zlib.h": ["/usr/include/zlib.h"],
        "lib/libz.so": ["{libdir}/libz.so"],
    },
    "zstd": {
        "include/zstd.h": ["/usr/include/zstd.h"],
        "include/zstd_errors.h": ["/usr/include/zstd_errors.h"],
        "lib/libzstd.so": ["{libdir}/libzstd.so"],
    },
}

def _system_library_impl(rctx):
    overlay = rctx.attr.overlay
    for dest, candidates in _SYSTEM_FILES[overlay].items():
        paths = []
        for c in candidates:
            paths += [c.replace("{libdir}", d) for d in _LIBDIRS] if "{libdir}" in c else [c]
        rctx.symlink(_first_existing(rctx, paths, overlay), dest)
    rctx.symlink(Label("//third_party/system:%s.BUILD" % overlay), "BUILD.bazel")

system_library_repository = repository_rule(
    implementation = _system_library_impl,
    attrs = {"overlay": attr.string(mandatory = True)},
    local = True,
)

# --- abseil --------------------------------------------------------------------

def _requires(text):
    """The absl_* modules named by Requires: in a pkg-config file."""
    for line in text.split("\n"):
        if line.startswith("Requires:"):
            return [
                part.strip().split(" ")[0]
                for part in line[len("Requires:"):].split(",")
                if part.strip()
            ]
    return []

def _absl_impl(rctx):
    pcdir = _first_existing(rctx, [d + "/pkgconfig/absl_base.pc" for d in _LIBDIRS], "abseil")[:-len("/absl_base.pc")]
    libdir = pcdir[:-len("/pkgconfig")]
    rctx.symlink("/usr/include/absl", "include/absl")

    modules = {}
    for entry in rctx.path(pcdir).readdir():
        name = entry.basename
        if name.startswith("absl_") and name.endswith(".pc"):
            modules[name[:-3]] = True

    build = [
        "# Generated from %s/absl_*.pc" % pcdir,
        "load(\"@rules_cc//cc:defs.bzl\", \"cc_library\")",
        "package(default_visibility = [\"//visibility:public\"])",
        "cc_library(name = \"headers\", hdrs = glob([\"include/absl/**/*.h\", \"include/absl/**/*.inc\"]), includes = [\"include\"])",
    ]
    for module in sorted(modules):
        # Debian's lib*.a are PIE, not PIC: they cannot be linked into a shared
        # object. The .so files can, and give one copy of Abseil per process.
        linkopts = ["-pthread"]
        if rctx.path("%s/lib%s.so" % (libdir, module)).exists:
            linkopts = ["-L" + libdir, "-l" + module] + linkopts
        deps = [":headers"] + [":" + r for r in _requires(rctx.read(pcdir + "/" + module + ".pc")) if r in modules]
        build.append("cc_library(name = \"%s\", deps = %r, linkopts = %r)" % (module, deps, linkopts))
    rctx.file("BUILD.bazel", "\n".join(build) + "\n")

    for package, targets in ABSL_PACKAGES.items():
        lines = ["package(default_visibility = [\"//visibility:public\"])"]
        for target, module in targets.items():
            if module in modules:
                lines.append("alias(name = \"%s\", actual = \"//:%s\")" % (target, module))
        rctx.file("absl/%s/BUILD.bazel" % package, "\n".join(lines) + "\n")

system_absl_repository = repository_rule(
    implementation = _absl_impl,
    local = True,
)
