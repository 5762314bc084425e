#!/usr/bin/env python3
"""Proves the suite: runs it against Defenders that are broken on purpose, and wants it to fail where it must.

usage: scripts/prove.py [--learn] [NAME...]

For each patch in defender/broken: a copy of the source in target/broken/source is patched and built, `proofhouse run` is
started with that Defender on the scenarios that expected.json names, and the scenarios that did not pass are compared with
those that must not. --learn prints what failed instead of comparing.
"""
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BROKEN = ROOT / "defender" / "broken"
WORK = ROOT / "target" / "broken"
SOURCE = WORK / "source"


def run(*command, **options):
    return subprocess.run(command, cwd=options.pop("cwd", ROOT), check=options.pop("check", True), text=True, **options)


def host():
    out = run("rustc", "-vV", stdout=subprocess.PIPE).stdout
    return next(line.split(": ")[1] for line in out.splitlines() if line.startswith("host: "))


def copy_source():
    """Lays out the tracked files as they are in the working tree; a file that has not changed keeps its time."""
    names = run("git", "ls-files", "-z", stdout=subprocess.PIPE).stdout.split("\0")
    for name in filter(None, names):
        origin, copy = ROOT / name, SOURCE / name
        if not origin.is_file():
            continue
        data = origin.read_bytes()
        if copy.is_file() and copy.read_bytes() == data:
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(data)


def build(name):
    """The path of the static Defender that this patch makes."""
    patch = BROKEN / f"{name}.patch"
    run("git", "apply", "--unsafe-paths", f"--directory={SOURCE}", str(patch), cwd="/")
    try:
        triple = host()
        environment = dict(os.environ, RUSTFLAGS="-C target-feature=+crt-static", CARGO_TARGET_DIR=str(WORK / "target"))
        run("cargo", "build", "--quiet", "--locked", "--profile", "broken", "--target", triple, "-p", "proofhouse-defender",
            cwd=SOURCE, env=environment, stderr=subprocess.DEVNULL)
        binary = WORK / f"{name}.defender"
        binary.write_bytes((WORK / "target" / triple / "broken" / "defender").read_bytes())
        binary.chmod(0o755)
        return binary
    finally:
        run("git", "apply", "-R", "--unsafe-paths", f"--directory={SOURCE}", str(patch), cwd="/")


def outcome(name, binary, scenarios):
    """The results of a run against that Defender, by id."""
    profile = WORK / f"{name}.json"
    profile.write_text(json.dumps({"name": f"reference Defender, {name}", "version": "broken", "binary": str(binary)}))
    report = WORK / name
    run(str(ROOT / "target/debug/proofhouse"), "run", "--defender", str(profile), "--report", str(report), "--tags", scenarios,
        check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return json.loads((report / "results.json").read_text())["results"]


def main():
    arguments = sys.argv[1:]
    learn = "--learn" in arguments
    expected = json.loads((BROKEN / "expected.json").read_text())
    names = [name for name in arguments if name != "--learn"] or list(expected)
    copy_source()
    wrong = 0
    for name in names:
        entry = expected[name]
        results = outcome(name, build(name), entry["run"])
        failed = {result["id"]: result for result in results if result["verdict"] != "passed"}
        if learn:
            print(name, json.dumps(sorted(failed)))
            continue
        missed = sorted(set(entry["fail"]) - set(failed))
        surplus = sorted(set(failed) - set(entry["fail"]))
        print(f"{name}: {entry['promise']}: {len(failed)} of {len(results)} scenarios fail")
        for identity in sorted(failed):
            print(f"    {identity} {failed[identity]['verdict']}: {failed[identity]['cause'].splitlines()[0]}")
        for identity in missed:
            print(f"  WRONG: {identity} passes although the promise is broken")
        for identity in surplus:
            print(f"  WRONG: {identity} fails although its promise is kept")
        wrong += len(missed) + len(surplus)
    if wrong:
        sys.exit(f"prove: {wrong} scenarios do not tell a broken Defender from a good one")


if __name__ == "__main__":
    main()
