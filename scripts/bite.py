#!/usr/bin/env python3
"""Bites the suite: changes the Defender, the Console's embed or the simulated Fargate in one small place at a time, and asks whether anything notices.

usage: scripts/bite.py [--sample N] [--seed S] [--seconds T] [--from FILE | --again NAME...]

Mutants come from two places: those that cargo-mutants makes of these crates (`cargo mutants --list`), where it is installed in
target/tools, and those of scripts/mutants.json, which it cannot make. Of them N are drawn by the seed, as many of each file as it has a share.
Each is built: a Defender of its own is judged by `proofhouse explore` and, where that finds nothing, by the scenarios of its area; a `proofhouse`
with that Console or that Fargate by the scenarios of its area. The first that catches it ends it. The next one is built meanwhile. What was judged is kept in docs/bite.ndjson, under a name without
lines, so that runs of many days make one table; a run goes on where the last one ended, and ends after T seconds. --from judges those of another file in the form of scripts/mutants.json alone. --again judges those survivors anew whose names have one of these texts (`all`: all survivors). A survivor that
somebody has looked at has a member `why` there, by hand: `equivalent: ...`, `closed by ...`, `a gap: ...`. The table at the end
has what was viable, what was caught, and each survivor with its change.
"""
import json
import random
import re
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor

import prove

RESULTS = prove.ROOT / "docs" / "bite.ndjson"
KNOWN = prove.ROOT / "features" / "known-failures.json"
SEED_OF_CAMPAIGN = "7"
SECONDS = "12"
# Where scenarios are told of a file by its path, the longest first.
AREAS = {
    "defender/src/decision/process": "@process or @detections or @evasion",
    "defender/src/decision/domain": "@dns",
    "defender/src/decision/scope": "@scope",
    "defender/src/decision/network": "@network",
    "defender/src/decision/address": "@network",
    "defender/src/decision/custom": "@runtime-custom",
    "defender/src/decision/file": "@filesystem",
    **{f"defender/src/wrapper/{name}.rs": "@dns" for name in ("askers", "carried", "datagrams", "forwarder", "lookups", "question", "segments", "views")},
    **{f"defender/src/wrapper/{name}.rs": "@network or @dns" for name in ("connect", "listen", "network", "socket")},
    **{f"defender/src/wrapper/{name}.rs": "@filesystem" for name in ("notices", "touches", "written")},
    **{f"defender/src/wrapper/{name}.rs": "@process or @filesystem or @evasion" for name in ("elf", "execs", "packages", "paths", "program", "program_file")},
    "defender/src/wrapper/": "@process or @dns or @app or @network",
    "defender/src/sidecar/": "@link or @update or @audits or @failures or @discovery",
    "defender/src/hub/": "@link or @update or @audits or @failures",
    "defender/src/kernel/": "@app or @process or @dns",
    "defender/src/": "@core",
    "defender/waas/src/api/": "@api",
    "defender/waas/src/bots/": "@clients",
    "defender/waas/src/captcha/": "@questions",
    "defender/waas/src/sessions/": "@clients",
    "defender/waas/src/custom/": "@custom",
    "defender/waas/src/discovery/": "@discovery",
    "defender/waas/src/dos/": "@clients or @rates",
    "defender/waas/src/scrub/": "@scrubbing",
    "defender/waas/src/response/": "@answers",
    "defender/waas/src/access.rs": "@access or @lists",
    "defender/waas/src/client_address.rs": "@W27 or @W28 or @clients",
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
# Whose source is changed, where, and what part of a sample is of it.
CHANGED = {
    "proofhouse-defender": ("defender/src/**", 0.4),
    "proofhouse-waas": ("defender/waas/src/**", 0.4),
    "proofhouse-console": ("fake-console/src/embed/**", 0.05),
    "proofhouse-harness": ("harness/src/**", 0.15),
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


def own(file="scripts/mutants.json"):
    for one in json.loads((prove.ROOT / file).read_text()):
        # Who planted it may not have known where scenarios of its file stand.
        area = f"({one['area']}) or {of_file(one['file'], AREAS)}"
        yield Mutant(one["name"], one["file"], area, text=(one["from"], one["to"]))


def made():
    """Those of cargo-mutants; none where it is not there."""
    tool = prove.ROOT / "target/tools/bin/cargo-mutants"
    if not tool.exists():
        print("bite: cargo-mutants is not in target/tools: only scripts/mutants.json is used", file=sys.stderr)
        return
    which = [word for package, (files, _) in CHANGED.items() for word in ("-p", package, "-f", files)]
    listed = prove.output(tool, "mutants", "--list", "--json", "--diff", *which)
    same = Counter()
    for one in json.loads(listed):
        span = (one["span"]["start"], one["span"]["end"]), one["replacement"]
        name = re.sub(r":\d+:\d+:", ":", one["name"], count=1)
        same[name] += 1
        if same[name] > 1:
            name += f" ({same[name]})"
        yield Mutant(name, one["file"], of_file(one["file"], AREAS), span, one["diff"])


def sample(mutants, number, seed):
    """So many: of each crate its part, of each file of it in proportion."""
    draw = random.Random(seed)
    chosen = []
    for files, part in CHANGED.values():
        of_crate = [mutant for mutant in mutants if mutant.file.startswith(files.removesuffix("**"))]
        chosen += in_proportion(of_crate, round(number * part), draw)
    # So that the first of an interrupted run are a sample as well.
    draw.shuffle(chosen)
    return chosen


def in_proportion(mutants, number, draw):
    """So many, of each file in proportion."""
    files = defaultdict(list)
    for mutant in mutants:
        files[mutant.file].append(mutant)
    queues = []
    for file in sorted(files):
        draw.shuffle(files[file])
        queues.append(files[file])
    shares = [(len(queue) * number / len(mutants), queue) for queue in queues]
    taken = [one for share, queue in shares for one in queue[:int(share)]]
    rest = [one for share, queue in sorted(shares, key=lambda each: each[0] % 1, reverse=True) for one in queue[int(share):int(share) + 1]]
    return (taken + rest)[:number]


def built(mutant, place):
    """Where the program of a mutant is, or why there is none."""
    target = prove.SOURCE / mutant.file
    source = target.read_text()
    if not mutant.change():
        return None, "it could not be made"
    try:
        binary = of_file(mutant.file, KINDS).build()
    except SystemExit:
        return None, "it does not compile"
    finally:
        target.write_text(source)
    kept = prove.WORK / f"mutant-{place}"
    kept.write_bytes(binary.read_bytes())
    kept.chmod(0o755)
    return kept, None


def judged(mutant, binary):
    """What becomes of a mutant: caught and by what, or survived."""
    kind = of_file(mutant.file, KINDS)
    run = kind.command("mutant", binary)
    ways = [("scenarios", [*run, "--tags", f"({mutant.area}) and not @exploration", "--fail-fast", "--expectations", KNOWN])]
    if isinstance(kind, prove.Defender):
        tried = "requests" if mutant.file.startswith("defender/waas/") else "programs,names"
        explore = [word if word != "run" else "explore" for word in run]
        ways.insert(0, ("exploration", [*explore, "--area", tried, "--seed", SEED_OF_CAMPAIGN, "--seconds", SECONDS, "--no-reduce"]))
    # What fails, and what is no longer concluded: a Defender that does not start is noticed as well.
    for by, command in ways:
        command += ["--assets", prove.ROOT / "target/assets", "--report", prove.WORK / "mutant-report"]
        done = subprocess.run(command, cwd=prove.SOURCE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        if done.returncode in (2, 130):
            sys.exit(f"bite: {'interrupted' if done.returncode == 130 else done.stdout}")
        if done.returncode not in (0, 6):
            last = [line for line in done.stdout.splitlines() if "FAILED" in line or "VIOLATION" in line or "inconclusive" in line]
            how = re.sub(r"^\s*\d+/\d+ ", "", (last or done.stdout.splitlines() or [""])[0])
            return {"outcome": "caught", "by": by, "how": how[:160]}
    return {"outcome": "survived", "change": mutant.shown()}


def option(name, otherwise):
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else otherwise


def keep(known):
    RESULTS.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in sorted(known.values(), key=lambda one: one["name"])))


def main():
    number, seed = option("--sample", 40), option("--seed", 1)
    end = time.monotonic() + option("--seconds", 10**9)
    again = sys.argv[sys.argv.index("--again") + 1:] if "--again" in sys.argv else []
    known = {}
    if RESULTS.exists():
        known = {one["name"]: one for one in map(json.loads, RESULTS.read_text().splitlines())}
    # As it stands now: who goes on working on it meanwhile changes nothing here.
    prove.SOURCE.mkdir(parents=True, exist_ok=True)
    prove.copy_source()
    suite = prove.WORK / "suite"
    shutil.copy2(prove.PROOFHOUSE, suite)
    prove.PROOFHOUSE = suite
    if "--from" in sys.argv:
        todo = [mutant for mutant in own(sys.argv[sys.argv.index("--from") + 1]) if mutant.name not in known]
    elif again:
        every = [*own(), *made()]
        wanted = [name for name, one in known.items() if one["outcome"] == "survived" and any(text in name or text == "all" for text in again)]
        todo = [mutant for mutant in every if mutant.name in wanted]
    else:
        chosen = [*own(), *sample(list(made()), number, seed)]
        todo = [mutant for mutant in chosen if mutant.name not in known]
    print(f"{len(known)} are judged, {len(todo)} to go", flush=True)
    with ThreadPoolExecutor(1) as builder:
        ahead = builder.submit(built, todo[0], 0) if todo else None
        for place, mutant in enumerate(todo):
            if time.monotonic() > end:
                break
            binary, why = ahead.result()
            ahead = builder.submit(built, todo[place + 1], place + 1) if place + 1 < len(todo) else None
            began = time.monotonic()
            former = known.get(mutant.name, {})
            if binary is None:
                result = {"outcome": "unviable", "by": why}
            else:
                result = judged(mutant, binary)
                binary.unlink()
            known[mutant.name] = {"name": mutant.name, "file": mutant.file, **result}
            if "why" in former:
                known[mutant.name]["why"] = former["why"]
            keep(known)
            print(f"{place + 1}/{len(todo)} {result['outcome']} {result.get('by', '')} {mutant.name} {time.monotonic() - began:.0f} s", flush=True)
    results = list(known.values())
    viable = [one for one in results if one["outcome"] != "unviable"]
    caught = [one for one in viable if one["outcome"] == "caught"]
    for one in viable:
        if one["outcome"] == "survived":
            print(f"SURVIVED {one['name']}\n{one['change']}{one.get('why', 'nobody has said why')}\n")
    by = Counter(one["by"] for one in caught)
    ways = ", ".join(f"{count} by {way}" for way, count in by.items())
    rate = 100 * len(caught) / len(viable) if viable else 0
    print(f"{len(results)} mutants: {len(viable)} viable, {len(caught)} caught ({ways}), {rate:.1f} %")


if __name__ == "__main__":
    main()
