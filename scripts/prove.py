#!/usr/bin/env python3
"""Proves the suite: runs it against Defenders, Consoles and simulated Fargates that are broken on purpose, and wants it to fail
where it must.

usage: scripts/prove.py [--learn] [NAME...]

For each patch in defender/broken, fake-console/broken, harness/broken and images/world/broken: a copy of the source in
target/broken/source is patched and built, the scenarios that expected.json selects are run with what was built, and those that
did not pass are compared with those that must not. The next one is built while the present one runs. Without a name, every scenario of the suite must be among those
that must fail for some patch. A scenario that fails must blame who is broken: a broken Console never reads "the Defender broke its policy".
Those of a list `unproved` are inconclusive instead, for want of evidence that says whose doing it is, or an error of the harness where
what is broken keeps it from asking. --learn prints what failed instead of comparing.
"""
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "target" / "broken"
SOURCE = WORK / "source"
PROOFHOUSE = ROOT / "target/debug/proofhouse"


def run(*command, **options):
    return subprocess.run(command, cwd=options.pop("cwd", ROOT), check=options.pop("check", True), text=True, **options)


def output(*command):
    return run(*command, stdout=subprocess.PIPE).stdout


class Defender:
    """A Defender as the embed's sidecar gets it, in the normal harness."""

    folder = ROOT / "defender" / "broken"
    blame = "defender"

    def build(self):
        return static("proofhouse-defender", "defender")

    def command(self, name, binary):
        profile = WORK / f"{name}.json"
        profile.write_text(json.dumps({"name": f"reference Defender, {name}", "version": "broken", "clock": "link", "binary": str(binary)}))
        return PROOFHOUSE, "run", "--defender", profile


class Command:
    """A `proofhouse` with that Console or that Fargate, and the normal Defender."""

    def __init__(self, crate, blame):
        self.folder = ROOT / crate / "broken"
        self.blame = blame

    def build(self):
        cargo("-p", "proofhouse", CARGO_PROFILE_DEV_DEBUG="0")
        return WORK / "target" / "debug" / "proofhouse"

    def command(self, name, binary):
        return binary, "run"


class World:
    """The normal harness and Defender, in a world of that agent."""

    folder = ROOT / "images" / "world" / "broken"
    blame = "fargate"

    def build(self):
        return static("proofhouse-world", "world")

    def command(self, name, binary):
        assets = WORK / f"{name}.assets"
        shutil.rmtree(assets, ignore_errors=True)
        assets.mkdir()
        for asset in (ROOT / "target/assets").iterdir():
            (assets / asset.name).symlink_to(asset)
        (assets / "world").unlink()
        (assets / "world").symlink_to(binary)
        return PROOFHOUSE, "run", "--assets", assets


def static(package, program):
    """A static program that goes into an image."""
    triple = next(line.split(": ")[1] for line in output("rustc", "-vV").splitlines() if line.startswith("host: "))
    cargo("--profile", "broken", "--target", triple, "-p", package, RUSTFLAGS="-C target-feature=+crt-static")
    return WORK / "target" / triple / "broken" / program


def cargo(*arguments, **variables):
    """Builds in the copy; gives way to a suite that runs meanwhile."""
    environment = dict(os.environ, CARGO_TARGET_DIR=str(WORK / "target"), **variables)
    built = run("nice", "cargo", "build", "--quiet", "--locked", *arguments, cwd=SOURCE, env=environment, check=False,
                stderr=subprocess.PIPE)
    if built.returncode:
        sys.exit(f"prove: {built.stderr}")


def copy_source():
    """Lays out the tracked files as they are in the working tree; a file that has not changed keeps its time, one that is no
    longer there goes."""
    names = set(filter(None, output("git", "ls-files", "-z").split("\0")))
    for copy in SOURCE.rglob("*"):
        if copy.is_file() and str(copy.relative_to(SOURCE)) not in names:
            copy.unlink()
    for name in sorted(names):
        origin, copy = ROOT / name, SOURCE / name
        if not origin.is_file():
            continue
        data = origin.read_bytes()
        if not copy.is_file() or copy.read_bytes() != data:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(data)
        copy.chmod(origin.stat().st_mode)


def apply(patch, *options):
    run("git", "apply", *options, "--unsafe-paths", f"--directory={SOURCE}", str(patch), cwd="/")


def build(kind, name):
    """The program that this patch makes, and the seconds that took."""
    began = time.monotonic()
    patch = kind.folder / f"{name}.patch"
    apply(patch)
    try:
        binary = WORK / name
        binary.write_bytes(kind.build().read_bytes())
        binary.chmod(0o755)
        return binary, time.monotonic() - began
    finally:
        apply(patch, "-R")


def outcome(kind, name, binary, scenarios):
    """The results of a run with that program, and the seconds it took."""
    began = time.monotonic()
    report = WORK / f"{name}.report"
    results = report / "results.json"
    results.unlink(missing_ok=True)
    ran = run(*kind.command(name, binary), "--report", report, "--tags", scenarios, check=False,
              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    binary.unlink()
    if not results.is_file():
        sys.exit(f"prove: {name}: {ran.stderr}")
    return json.loads(results.read_text())["results"], time.monotonic() - began


def misjudged(result, kind, entry):
    """Why a scenario that did not pass was judged wrongly; none when it was not."""
    verdict, blame = result["verdict"], result.get("blame")
    if result["id"] in entry.get("unproved", []):
        return None if verdict in ("inconclusive", "error") else f"is {verdict}, and should be inconclusive"
    if verdict != "failed":
        return f"is {verdict}, and should be failed"
    return None if blame == kind.blame else f"blames the {blame}, and the {kind.blame} is broken"


def compare(kind, entry, results):
    """Prints what failed, and answers how many scenarios went the wrong way."""
    failed = {result["id"]: result for result in results if result["verdict"] != "passed"}
    wrong = 0
    for identity in sorted(failed):
        result = failed[identity]
        blame = f" ({result['blame']})" if result.get("blame") else ""
        print(f"    {identity} {result['verdict']}{blame}: {result['cause'].splitlines()[0]}")
        why = misjudged(result, kind, entry)
        if why:
            print(f"  WRONG: {identity} {why}")
            wrong += 1
    missed = sorted(set(entry["fail"]) - set(failed))
    surplus = sorted(set(failed) - set(entry["fail"]))
    for identity in missed:
        print(f"  WRONG: {identity} passes although the promise is broken")
    for identity in surplus:
        print(f"  WRONG: {identity} fails although its promise is kept")
    return wrong + len(missed) + len(surplus)


def unseen(entries):
    """The scenarios that are in no list of those that must fail."""
    suite = {case["id"] for case in json.loads(output(PROOFHOUSE, "list", "--json"))}
    return sorted(suite.difference(*(entry["fail"] for _, _, entry in entries)))


def main():
    arguments = sys.argv[1:]
    learn = "--learn" in arguments
    names = [name for name in arguments if name != "--learn"]
    entries = [(kind, name, entry) for kind in (Defender(), Command("fake-console", "console"), Command("harness", "fargate"), World())
               for name, entry in json.loads((kind.folder / "expected.json").read_text()).items()]
    strangers = set(names) - {name for _, name, _ in entries}
    if strangers:
        sys.exit(f"prove: no such patch: {', '.join(sorted(strangers))}")
    chosen = [entry for entry in entries if not names or entry[1] in names]
    copy_source()
    wrong = 0
    with ThreadPoolExecutor(1) as builder:
        try:
            builds = [builder.submit(build, kind, name) for kind, name, _ in chosen]
            for (kind, name, entry), built in zip(chosen, builds):
                binary, building = built.result()
                results, running = outcome(kind, name, binary, entry["run"])
                failed = sorted(result["id"] for result in results if result["verdict"] != "passed")
                print(f"{name}: {entry['promise']}: {len(failed)} of {len(results)} scenarios fail "
                      f"(built in {building:.0f} s, ran in {running:.0f} s)", flush=True)
                if learn:
                    print(json.dumps(failed))
                else:
                    wrong += compare(kind, entry, results)
        finally:
            builder.shutdown(cancel_futures=True)
    if wrong:
        sys.exit(f"prove: {wrong} scenarios do not tell a broken one from a good one")
    never = [] if names else unseen(entries)
    if never:
        sys.exit(f"prove: never seen to fail: {', '.join(never)}")


if __name__ == "__main__":
    main()
