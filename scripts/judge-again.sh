#!/usr/bin/env bash
# usage: judge-again.sh PROOFHOUSE FOLDER
#
# Judges the recording of a run again, from its file alone, and wants the reports that the run has written, byte for byte.
set -euo pipefail

proofhouse=$1
folder=$2
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT

# What it ends with is the verdict of the run, which was told before.
began=$(date +%s%N)
"$proofhouse" judge "$folder" --report "$again" >/dev/null || true
took=$((($(date +%s%N) - began) / 1000000))
for report in results.json junit.xml cucumber.json report.html; do
  if ! cmp "$folder/$report" "$again/$report"; then
    echo "judge: $report is not what the run has written: the history does not hold all that was judged" >&2
    exit 1
  fi
done
echo "judged again from history.ndjson in $took ms: the same four reports, byte for byte"
echo "check: judge passed"
