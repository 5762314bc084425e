#!/usr/bin/env python3
"""Keeps small recordings of real scenarios, on which the checks are judged (reports/tests/judges).

usage: scripts/record-fixtures.py [--anew] FOLDER

FOLDER is that of a run in which everything passed. For each kind of check, and for each kind of expectation within it, that no
recording has yet, the smallest scenario that has it is kept; with --anew all recordings are made again. Records that no check
looks at are left out, and a scenario whose other records are many is no recording: each is altered in every member.
"""
import json
import shutil
import sys
from collections import defaultdict
from pathlib import Path

KEPT = Path(__file__).resolve().parent.parent / "reports/tests/judges/recordings"
# Looked at by no check, and long.
LEFT_OUT = {"step", "capture", "note"}
LARGEST = 64 << 10


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
        how, number = next(iter(check["count"].items()))
        words.append(f"{how} {min(number, 2)}")
    return " ".join(words)


def kinds_of(records):
    return {kinds(record) for record in records if record["kind"] == "check"}


def main():
    arguments = [one for one in sys.argv[1:] if one != "--anew"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    if "--anew" in sys.argv:
        shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    present = set()
    for recording in KEPT.glob("*.ndjson"):
        present |= kinds_of(json.loads(line) for line in recording.read_text().splitlines())
    scenarios = defaultdict(list)
    for line in (Path(arguments[0]) / "history.ndjson").read_text().splitlines():
        record = json.loads(line)
        if record.get("scenario") and record["kind"] not in LEFT_OUT:
            scenarios[record["scenario"]].append((record, line))
    has = {name: kinds_of(record for record, _ in records) for name, records in scenarios.items()}
    missing = set().union(*has.values()) - present
    sizes = {name: sum(len(line) for _, line in records) for name, records in scenarios.items()}
    small = {name: size for name, size in sizes.items() if size <= LARGEST}
    nowhere = missing - set().union(*(has[name] for name in small))
    chosen = []
    while missing - nowhere:
        name = min((name for name in small if has[name] & missing), key=lambda name: small[name] / len(has[name] & missing))
        chosen.append(name)
        missing -= has[name]
    for name in chosen:
        lines = [line for _, line in scenarios[name]]
        (KEPT / f"{name.replace('/', '-')}.ndjson").write_text("\n".join(lines) + "\n")
    print(f"{len(chosen)} recordings more, {sum(sizes[name] for name in chosen)} bytes: {' '.join(sorted(chosen))}")
    for kind in sorted(nowhere):
        print(f"only in scenarios of more than {LARGEST} bytes: {kind}")


if __name__ == "__main__":
    main()
