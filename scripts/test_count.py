#!/usr/bin/env python3
"""Tests of count.py: what it counts, and that nothing executed is never a success."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

COUNT = Path(__file__).with_name("count.py")

CHECKS = "".join(f"check: {name} passed\n" for name in ["format", "lint", "deny", "scripts"])
TESTS = (
    "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s\n"
    "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n"
)
GOOD = CHECKS + TESTS + "check: unit passed\n"


def report(code=0, **counts):
    return json.dumps({"counts": counts, "exit": {"code": code, "sentence": "it says why"}})


def count(log, results, make=0):
    """Exit code and lines of a count."""
    with tempfile.TemporaryDirectory() as folder:
        log_file, results_file = Path(folder, "log"), Path(folder, "results.json")
        log_file.write_text(log, encoding="utf-8")
        if results is not None:
            results_file.write_text(results, encoding="utf-8")
        command = [sys.executable, "-B", COUNT, "--log", log_file, "--results", results_file, "--make", str(make)]
        ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        return ended.returncode, ended.stdout.splitlines()


class Count(unittest.TestCase):
    def expect(self, code, closing, *arguments, **named):
        seen, lines = count(*arguments, **named)
        self.assertEqual((seen, lines[-1]), (code, closing), lines)
        return lines

    def test_everything_is_added_up(self):
        self.expect(0, "51 passed, 0 failed", GOOD, report(passed=40, not_applicable=2, known_failure=1))

    def test_a_scenario_fails_in_every_way_that_is_not_a_pass(self):
        results = report(3, passed=40, failed=1, inconclusive=2, error=3, unexpected_pass=4)
        self.expect(3, "51 passed, 10 failed", GOOD, results, make=2)

    def test_a_check_that_does_not_say_so_has_not_passed(self):
        lines = self.expect(3, "50 passed, 1 failed", GOOD.replace("check: lint passed\n", ""), report(passed=40), make=2)
        self.assertIn("count: the check `lint` has not passed", lines)

    def test_failed_tests_are_counted(self):
        failing = GOOD.replace("check: unit passed\n", "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured\n")
        self.expect(3, "54 passed, 2 failed", failing, report(passed=40), make=2)

    def test_a_test_program_that_dies_is_a_failure(self):
        self.expect(3, "51 passed, 1 failed", CHECKS + TESTS, report(passed=40), make=2)

    def test_nothing_executed_is_a_failure(self):
        self.expect(3, "0 passed, 6 failed", "", None, make=2)
        self.expect(3, "44 passed, 1 failed", CHECKS + "check: unit passed\n", report(passed=40))
        self.expect(3, "11 passed, 1 failed", GOOD, report(not_applicable=40))
        self.expect(3, "11 passed, 1 failed", GOOD, None)
        self.expect(3, "11 passed, 1 failed", GOOD, "{")
        self.expect(3, "11 passed, 1 failed", GOOD, "[]")

    def test_a_suite_that_ends_badly_is_a_failure_whatever_it_counted(self):
        lines = self.expect(3, "51 passed, 1 failed", GOOD, report(5, passed=40), make=2)
        self.assertIn("count: the suite ended with 5: it says why", lines)

    def test_make_has_the_last_word(self):
        self.expect(3, "51 passed, 1 failed", GOOD, report(passed=40), make=2)

    def test_the_closing_line_of_the_suite_is_not_mistaken(self):
        self.expect(0, "51 passed, 0 failed", GOOD + "40 scenarios: 40 passed\n7 passed, 7 failed\n", report(passed=40))


if __name__ == "__main__":
    unittest.main()
