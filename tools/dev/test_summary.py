#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints every skipped and failed test, and last `N passed, N failed, N skipped`.

Counts the steps of tools/test and the cases of each test that ran. Which tests
ran is read from Bazel's build events (--build_event_json_file), so the logs of
tests that no longer exist do not count. Exits 1 if anything failed or nothing
passed.
"""

import argparse
import collections
import json
import pathlib
import sys
import urllib.parse
import xml.etree.ElementTree as ET

Case = collections.namedtuple("Case", "name outcome reason")


def test_outputs(event_file):
    """{(label, run, shard): (status, path of test.xml)} of the last attempt at each test."""
    results = {}
    for line in event_file.read_text().splitlines():
        event = json.loads(line)
        if "testResult" not in event.get("id", {}):
            continue
        test = event["id"]["testResult"]
        result = event["testResult"]
        uris = {output["name"]: output["uri"] for output in result.get("testActionOutput", [])}
        key = (test["label"], test.get("run", 1), test.get("shard", 0))
        results[key] = (result["status"], uris.get("test.xml"))
    return results


def outcome_of(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed", ""
    skipped = case.find("skipped")
    if skipped is not None or case.get("result") == "skipped":
        return "skipped", "" if skipped is None else " ".join(skipped.get("message", "").split())
    return "passed", ""


def test_cases(uri):
    """The testcase elements of a test.xml; none if a test wrote into it what no XML can hold."""
    path = pathlib.Path(urllib.parse.unquote(urllib.parse.urlparse(uri).path))
    try:
        return list(ET.parse(path).getroot().iter("testcase"))
    except ET.ParseError as error:
        print("unreadable: %s: %s" % (path, error))
        return []


def cases_of(uri):
    for case in test_cases(uri):
        name = ".".join(filter(None, [case.get("classname"), case.get("name")]))
        yield Case(name, *outcome_of(case))


def cases_of_test(label, status, uri):
    """The cases of one test; one that failed as a whole (a leak, a timeout), or whose cases cannot be told, is a case."""
    cases = [Case("%s %s" % (label, case.name), case.outcome, case.reason) for case in (cases_of(uri) if uri else [])]
    if status != "PASSED" and all(case.outcome != "failed" for case in cases):
        cases.append(Case(label, "failed", ""))
    if not cases:
        cases.append(Case(label, "passed", ""))
    return cases


def cases_of_configuration(event_file):
    configuration = event_file.name.split(".")[0]
    for (label, _, _), (status, uri) in sorted(test_outputs(event_file).items()):
        for case in cases_of_test(label, status, uri):
            yield case._replace(name="[%s] %s" % (configuration, case.name))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps_passed", type=int, default=0)
    parser.add_argument("--step_failed", action="append", default=[])
    parser.add_argument("event_files", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()

    cases = [Case("step", "passed", "")] * arguments.steps_passed
    cases += [Case(step, "failed", "") for step in arguments.step_failed]
    for event_file in arguments.event_files:
        if event_file.exists():
            cases += cases_of_configuration(event_file)

    for case in cases:
        if case.outcome != "passed":
            print("%s: %s%s" % (case.outcome, case.name, case.reason and ": " + case.reason))
    count = collections.Counter(case.outcome for case in cases)
    print("%d passed, %d failed, %d skipped" % (count["passed"], count["failed"], count["skipped"]))
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
