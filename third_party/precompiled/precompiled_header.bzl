"""precompiled_header: a header of other people's headers, compiled once for all sources with the same options.

Half of the time of a compilation went into the same 100,000 lines of the standard library, Abseil and GoogleTest.
The macros of //:slotwise.bzl put `-include PRELUDE` before every source of this repository. gcc takes the compiled
form beside it where the options fit, and reads the text where they do not, so the result is the same. Consumers and
clang-tidy compile without, which shows a source that includes too little. So does --config=asan: clang writes the
absolute path of the prelude into its lists of dependencies, which Bazel refuses.
"""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "CPP_COMPILE_ACTION_NAME")
load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

def _compile(ctx, header, compiled, context):
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )

    # .bazelrc's -Wpedantic takes a macro away (__cpp_runtime_arrays), so the compiled form must be without it too.
    copts = ctx.attr.copts + ["-Wpedantic", "-x", "c++-header"]
    variables = cc_common.create_compile_variables(
        feature_configuration = features,
        cc_toolchain = toolchain,
        source_file = header.path,
        output_file = compiled.path,
        user_compile_flags = ctx.fragments.cpp.copts + ctx.fragments.cpp.cxxopts + copts,
        include_directories = context.includes,
        quote_include_directories = context.quote_includes,
        system_include_directories = context.system_includes,
    )
    command = dict(feature_configuration = features, action_name = CPP_COMPILE_ACTION_NAME)
    ctx.actions.run(
        executable = cc_common.get_tool_for_action(**command),
        arguments = cc_common.get_memory_inefficient_command_line(variables = variables, **command),
        env = cc_common.get_environment_variables(variables = variables, **command),
        inputs = depset([header], transitive = [context.headers, toolchain.all_files]),
        outputs = [compiled],
        mnemonic = "PrecompileHeader",
    )

def _precompiled_header_impl(ctx):
    # gcc looks for the compiled form in the folder where it found the text, so both are outputs.
    header = ctx.actions.declare_file(ctx.label.name + ".h")
    ctx.actions.symlink(output = header, target_file = ctx.file.header)
    compiled = ctx.actions.declare_file(ctx.label.name + ".h.gch")
    infos = [dep[CcInfo] for dep in ctx.attr.deps]
    merged = cc_common.merge_cc_infos(cc_infos = infos)
    _compile(ctx, header, compiled, merged.compilation_context)
    own = CcInfo(compilation_context = cc_common.create_compilation_context(headers = depset([header, compiled])))
    return [DefaultInfo(files = depset([compiled])), cc_common.merge_cc_infos(cc_infos = [own] + infos)]

precompiled_header = rule(
    implementation = _precompiled_header_impl,
    attrs = {
        "copts": attr.string_list(doc = "The options of the sources that use it, but for warnings."),
        "deps": attr.label_list(providers = [CcInfo]),
        "header": attr.label(allow_single_file = [".h"], mandatory = True),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
