#!/usr/bin/env python3
"""Keeps small recordings of real scenarios, on which the checks are judged (reports/tests/judges).

usage: scripts/record-fixtures.py FOLDER

FOLDER is that of a run in which everything passed. For each kind of check, and for each kind of expectation within it, the
smallest scenario that has it is kept, unless one that is kept already has it. Records that no check looks at are left out.
"""
import json
import shutil
import sys
from collections import defaultdict
from pathlib import Path

KEPT = Path(__file__).resolve().parent.parent / "reports/tests/judges/recordings"
# Looked at by no check, and long.
LEFT_OUT = {"step", "capture", "note"}


def kinds(record):
    """The name of a check, and those of its expectation."""
    check = record["check"]
    expect = check.get("expect")
    words = [check["check"]]
    if isinstance(expect, str):
        words.append(expect)
    elif isinstance(expect, dict) and expect:
        words.append(next(iter(expect)))
    for member in ("exists", "seen", "asked"):
        if member in check:
            words.append(f"{member}={check[member]}")
    if "count" in check and isinstance(check["count"], dict):
        words.append(json.dumps(check["count"]))
    return " ".join(words)


def main():
    scenarios = defaultdict(list)
    for line in (Path(sys.argv[1]) / "history.ndjson").read_text().splitlines():
        record = json.loads(line)
        if record.get("scenario") and record["kind"] not in LEFT_OUT:
            scenarios[record["scenario"]].append((record, line))
    sizes = {name: sum(len(line) for _, line in records) for name, records in scenarios.items()}
    has = {name: {kinds(record) for record, _ in records if record["kind"] == "check"} for name, records in scenarios.items()}
    missing = set().union(*has.values())
    chosen = []
    while missing:
        name = min((name for name in has if has[name] & missing), key=lambda name: sizes[name] / len(has[name] & missing))
        chosen.append(name)
        missing -= has[name]
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True)
    for name in sorted(chosen):
        lines = [line for _, line in scenarios[name]]
        (KEPT / f"{name.replace('/', '-')}.ndjson").write_text("\n".join(lines) + "\n")
    print(f"{len(chosen)} recordings, {sum(sizes[name] for name in chosen)} bytes")


if __name__ == "__main__":
    main()
