#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Turns `bazel aquery 'mnemonic("CppCompile", //...)' --output=jsonproto` into compile_commands.json.

For clangd and clang-tidy. Usage: compile_commands.py WORKSPACE OUTPUT_BASE < actions > compile_commands.json
"""

import json
import os
import sys

# What is meant for gcc only: flags that clang does not know, and redefined builtin macros that it warns of.
GCC_ONLY = (
    "-fno-canonical-system-headers",
    "-Wno-free-nonheap-object",
    "-Wunused-but-set-parameter",
    "-D__DATE__=",
    "-D__TIME__=",
    "-D__TIMESTAMP__=",
)


def without_prelude(arguments):
    """Each source is read as it stands, without the precompiled header that gcc is given."""
    if "-include" not in arguments:
        return arguments
    place = arguments.index("-include")
    return arguments[:place] + arguments[place + 2:]


def command_of(action, workspace, output_base):
    arguments = [
        os.path.join(output_base, argument) if argument.startswith("external/") else argument
        for argument in without_prelude(action["arguments"])
        if not argument.startswith(GCC_ONLY)
    ]
    return {"directory": workspace, "file": arguments[arguments.index("-c") + 1], "arguments": arguments}


def main():
    workspace, output_base = sys.argv[1:]
    actions = json.load(sys.stdin).get("actions", [])
    commands = [command_of(action, workspace, output_base) for action in actions]
    own = [command for command in commands if not os.path.isabs(command["file"])]
    json.dump(own, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
