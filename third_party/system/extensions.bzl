"""The system's libraries under bzlmod (Bazel >= 7). Bazel 4 never loads this."""

load(":repositories.bzl", "system_library_repository")

def _system_impl(_mctx):
    for name in ["cli11", "glog", "lmdb", "nlohmann_json", "openssl", "prometheus_cpp", "pybind11", "rocksdb", "xxhash", "zlib", "zstd"]:
        system_library_repository(name = name, overlay = name)
    system_library_repository(name = "local_config_python", overlay = "python")

system = module_extension(implementation = _system_impl)
