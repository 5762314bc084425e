#!/usr/bin/env python3
"""Counts what a `make test` executed, from its log and the suite's report, and ends with `N passed, N failed`.

Counted are the checks that have to say that they passed, the tests of cargo and the scenarios. A part of which nothing
was executed counts as one failure, so that a run of nothing is never a success.
"""

import argparse
import json
import re
import sys

# Exit code of a count with failures; another one means that nothing was counted.
FAILED = 3

CHECKS = ["format", "lint", "deny", "scripts"]
TEST_RESULT = re.compile(r"^test result: (?:ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored;")
CHECK_PASSED = re.compile(r"^check: (\w+) passed$")
PASSED = ["passed"]
NEUTRAL = ["known_failure", "not_applicable"]


def count_checks(lines):
    """Passed and failed checks, and whether the tests as a whole have passed."""
    said = {match[1] for match in map(CHECK_PASSED.match, lines) if match}
    failed = [check for check in CHECKS if check not in said]
    for check in failed:
        print(f"count: the check `{check}` has not passed")
    return len(CHECKS) - len(failed), len(failed), "unit" in said


def count_tests(lines, all_passed):
    """Passed and failed tests. A test program that died without a result line is a failure too."""
    results = [match for match in map(TEST_RESULT.match, lines) if match]
    passed = sum(int(match[1]) for match in results)
    failed = sum(int(match[2]) for match in results)
    if passed + failed == 0:
        print("count: no test was executed")
    elif not all_passed and failed == 0:
        print("count: the tests did not come to their end")
    if failed == 0 and (passed == 0 or not all_passed):
        failed = 1
    return passed, failed


def count_scenarios(path):
    """Passed and failed scenarios; a run with a problem of its own has at least one failure."""
    try:
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        counts = {verdict: int(count) for verdict, count in report["counts"].items()}
        code = int(report["exit"]["code"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"count: the suite left no report to count: {error}")
        return 0, 1
    passed = sum(counts.get(verdict, 0) for verdict in PASSED)
    failed = sum(count for verdict, count in counts.items() if verdict not in PASSED + NEUTRAL)
    if passed + failed == 0:
        print("count: no scenario was executed")
        return 0, 1
    if code != 0 and failed == 0:
        print(f"count: the suite ended with {code}: {report['exit'].get('sentence', '')}")
        failed = 1
    return passed, failed


def main():
    """Prints the counts; the exit code is that of the run as a whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", required=True, help="output of `make test`")
    parser.add_argument("--results", required=True, help="results.json of the suite")
    parser.add_argument("--make", required=True, type=int, help="exit code of `make test`")
    options = parser.parse_args()
    with open(options.log, encoding="utf-8", errors="replace") as file:
        lines = [line.rstrip("\n") for line in file]

    checks_passed, checks_failed, tests_ended = count_checks(lines)
    tests_passed, tests_failed = count_tests(lines, tests_ended)
    scenarios_passed, scenarios_failed = count_scenarios(options.results)
    passed = checks_passed + tests_passed + scenarios_passed
    failed = checks_failed + tests_failed + scenarios_failed
    if options.make != 0 and failed == 0:
        print(f"count: `make test` ended with {options.make}")
        failed = 1
    print(f"checks: {checks_passed} passed, {checks_failed} failed")
    print(f"tests: {tests_passed} passed, {tests_failed} failed")
    print(f"scenarios: {scenarios_passed} passed, {scenarios_failed} failed")
    print(f"{passed} passed, {failed} failed")
    return FAILED if failed else 0


if __name__ == "__main__":
    sys.exit(main())
