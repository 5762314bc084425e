#!/usr/bin/env python3
"""Bites the suite: changes the Defender, the Console's embed or the simulated Fargate in one small place at a time, and asks whether anything notices.

usage: scripts/bite.py [--sample N] [--seed S] [--anew]

Mutants come from two places: those that cargo-mutants makes of these crates (`cargo mutants --list`), where it is installed in
target/tools, and those of scripts/mutants.json, which it cannot make. Of them N are drawn by the seed, as many of each file as it has a share.
Each is built: a Defender of its own is judged by `proofhouse explore` and, where that finds nothing, by the scenarios of its area; a `proofhouse`
with that Console or that Fargate by the scenarios of its area. The first that catches it ends it. What was judged is kept in target/bite.ndjson, so that a run that was interrupted goes on; --anew forgets it. The table at the end
has what was viable, what was caught, and each survivor with its change.
"""
import json
import random
import subprocess
import sys
import time
from collections import defaultdict

import prove

RESULTS = prove.ROOT / "target" / "bite.ndjson"
SEED_OF_CAMPAIGN = "7"
SECONDS = "12"
# Where scenarios are told of a file by its path, the longest first.
AREAS = {
    "defender/src/decision/process": "@process or @evasion",
    "defender/src/decision/domain": "@dns",
    "defender/src/decision/scope": "@scope",
    "defender/src/decision/network": "@network",
    "defender/src/decision/file": "@filesystem",
    **{f"defender/src/wrapper/{name}.rs": "@dns" for name in ("askers", "carried", "datagrams", "forwarder", "lookups", "question", "segments", "views")},
    **{f"defender/src/wrapper/{name}.rs": "@network or @dns" for name in ("connect", "listen", "network", "socket")},
    **{f"defender/src/wrapper/{name}.rs": "@filesystem" for name in ("notices", "touches", "written")},
    **{f"defender/src/wrapper/{name}.rs": "@process or @filesystem or @evasion" for name in ("elf", "execs", "packages", "paths", "program", "program_file")},
    "defender/src/wrapper/": "@process or @dns or @app or @network",
    "defender/src/sidecar/": "@link or @update or @audits or @failures",
    "defender/src/hub/": "@link or @update or @audits or @failures",
    "defender/src/kernel/": "@app or @process or @dns",
    "defender/src/": "@core",
    "defender/waas/src/api/": "@api",
    "defender/waas/src/bots/": "@clients",
    "defender/waas/src/captcha/": "@questions",
    "defender/waas/src/sessions/": "@clients",
    "defender/waas/src/custom/": "@custom",
    "defender/waas/src/discovery/": "@discovery",
    "defender/waas/src/dos/": "@rates",
    "defender/waas/src/scrub/": "@scrubbing",
    "defender/waas/src/response/": "@answers",
    "defender/waas/src/access.rs": "@access or @lists",
    "defender/waas/src/proxy/": "@connections or @exchanges or @real-parts or (@waas and @core)",
    "defender/waas/src/": "@waas and @core",
    "fake-console/src/embed/": "@embed",
    "harness/src/": "@task or @app",
}
# What is changed, and how what comes of it is built and run: the folder decides, the longest first.
KINDS = {
    "fake-console/": prove.Command("fake-console", "console"),
    "harness/": prove.Command("harness", "fargate"),
    "defender/": prove.Defender(),
}
CHANGED = {
    "proofhouse-defender": "defender/src/**",
    "proofhouse-waas": "defender/waas/src/**",
    "proofhouse-console": "fake-console/src/embed/**",
    "proofhouse-harness": "harness/src/**",
}


class Mutant:
    """One change: a span with what stands in its place and how that reads, or a text and what stands in its place."""

    def __init__(self, name, file, area, span=None, shown=None, text=None):
        self.name, self.file, self.area, self.span, self.difference, self.text = name, file, area, span, shown, text

    def change(self):
        """Whether it could be made."""
        target = prove.SOURCE / self.file
        if self.text:
            old, new = self.text
            source = target.read_text()
            if source.count(old) != 1:
                return False
            target.write_text(source.replace(old, new))
            return True
        (start, end), replacement = self.span
        source = target.read_text()
        begin, close = offset(source, start), offset(source, end)
        target.write_text(source[:begin] + replacement + source[close:])
        return True

    def shown(self):
        return self.difference or f"- {self.text[0].strip()}\n+ {self.text[1].strip()}\n"


def offset(source, place):
    """Where a line and a column, both counted from one, are in a text."""
    lines = source.splitlines(keepends=True)
    return sum(map(len, lines[:place["line"] - 1])) + place["column"] - 1


def of_file(file, table):
    """What a table has for the longest beginning of a path that it knows."""
    return table[max((start for start in table if file.startswith(start)), key=len)]


def own():
    for one in json.loads((prove.ROOT / "scripts/mutants.json").read_text()):
        yield Mutant(one["name"], one["file"], one["area"], text=(one["from"], one["to"]))


def made():
    """Those of cargo-mutants; none where it is not there."""
    tool = prove.ROOT / "target/tools/bin/cargo-mutants"
    if not tool.exists():
        print("bite: cargo-mutants is not in target/tools: only scripts/mutants.json is used", file=sys.stderr)
        return
    which = [word for package, files in CHANGED.items() for word in ("-p", package, "-f", files)]
    listed = prove.output(tool, "mutants", "--list", "--json", "--diff", *which)
    for one in json.loads(listed):
        span = (one["span"]["start"], one["span"]["end"]), one["replacement"]
        yield Mutant(one["name"], one["file"], of_file(one["file"], AREAS), span, one["diff"])


def sample(mutants, number, seed):
    """So many, of each file in proportion."""
    files = defaultdict(list)
    for mutant in mutants:
        files[mutant.file].append(mutant)
    draw = random.Random(seed)
    queues = []
    for file in sorted(files):
        draw.shuffle(files[file])
        queues.append(files[file])
    total = sum(map(len, queues))
    shares = [(len(queue) * number / total, queue) for queue in queues]
    taken = [one for share, queue in shares for one in queue[:int(share)]]
    rest = [one for share, queue in sorted(shares, key=lambda each: each[0] % 1, reverse=True) for one in queue[int(share):int(share) + 1]]
    chosen = (taken + rest)[:number]
    # So that the first of an interrupted run are a sample as well.
    draw.shuffle(chosen)
    return chosen


def judged(mutant):
    """What becomes of a mutant: unviable, caught and by what, or survived."""
    prove.copy_source()
    if not mutant.change():
        return {"outcome": "unviable", "by": "it could not be made"}
    kind = of_file(mutant.file, KINDS)
    try:
        binary = kind.build()
    except SystemExit:
        return {"outcome": "unviable", "by": "it does not compile"}
    finally:
        prove.copy_source()
    kept = prove.WORK / "mutant"
    kept.write_bytes(binary.read_bytes())
    kept.chmod(0o755)
    run = kind.command("mutant", kept)
    ways = [("scenarios", [*run, "--tags", f"({mutant.area}) and not @exploration", "--fail-fast"])]
    if isinstance(kind, prove.Defender):
        tried = "requests" if mutant.file.startswith("defender/waas/") else "programs,names"
        explore = [word if word != "run" else "explore" for word in run]
        ways.insert(0, ("exploration", [*explore, "--area", tried, "--seed", SEED_OF_CAMPAIGN, "--seconds", SECONDS, "--no-reduce"]))
    # What fails, and what is no longer concluded: a Defender that does not start is noticed as well.
    for by, command in ways:
        done = subprocess.run([*command, "--report", prove.WORK / "mutant-report"], cwd=prove.ROOT, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        if done.returncode == 130:
            sys.exit("bite: interrupted")
        if done.returncode not in (0, 6):
            last = [line for line in done.stdout.splitlines() if "FAILED" in line or "VIOLATION" in line or "inconclusive" in line]
            return {"outcome": "caught", "by": by, "how": (last or done.stdout.splitlines() or [""])[0][:200]}
    return {"outcome": "survived"}


def main():
    number = int(sys.argv[sys.argv.index("--sample") + 1]) if "--sample" in sys.argv else 40
    seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 1
    if "--anew" in sys.argv:
        RESULTS.unlink(missing_ok=True)
    known = {}
    if RESULTS.exists():
        known = {one["name"]: one for one in map(json.loads, RESULTS.read_text().splitlines())}
    prove.SOURCE.mkdir(parents=True, exist_ok=True)
    mutants = [*own(), *sample(list(made()), number, seed)]
    results = []
    for place, mutant in enumerate(mutants, 1):
        result = known.get(mutant.name)
        if result is None:
            began = time.monotonic()
            result = {"name": mutant.name, "file": mutant.file, **judged(mutant)}
            result["seconds"] = round(time.monotonic() - began, 1)
            if result["outcome"] == "survived":
                result["change"] = mutant.shown()
            with RESULTS.open("a") as kept:
                kept.write(json.dumps(result) + "\n")
        results.append(result)
        print(f"{place}/{len(mutants)} {result['outcome']} {result.get('by', '')} {mutant.name} {result['seconds']} s", flush=True)
    viable = [one for one in results if one["outcome"] != "unviable"]
    caught = [one for one in viable if one["outcome"] == "caught"]
    for one in viable:
        if one["outcome"] == "survived":
            print(f"SURVIVED {one['name']}\n{one['change']}")
    by = defaultdict(int)
    for one in caught:
        by[one["by"]] += 1
    ways = ", ".join(f"{count} by {way}" for way, count in by.items())
    rate = 100 * len(caught) / len(viable) if viable else 0
    print(f"{len(results)} mutants: {len(viable)} viable, {len(caught)} caught ({ways}), {rate:.1f} %")


if __name__ == "__main__":
    main()
