#!/usr/bin/env bash
# Runs the fuzz targets one after the other, and says at the end what each did.
#
#   scripts/fuzz.sh [--seconds N] [TARGET...]
#
# Each target runs for N seconds (600), on one core. What was found stays in target/fuzz/corpus, from which the next run goes on; an input
# on which a target fails is kept in target/fuzz/artifacts. The first failure of a target ends it, not the others; it makes the exit code 1.
set -euo pipefail

version=0.13.1
cd "$(dirname "$0")/.."
root=target/fuzz
seconds=600

say() { echo "fuzz: $1"; }
usage() {
  say "$1"
  say "use: scripts/fuzz.sh [--seconds N] [TARGET...], where a target is one of: $known"
  exit 2
}

known=$(cd fuzz/targets && printf '%s ' *.rs | sed 's/\.rs//g; s/ $//')
targets=()
while [ $# -gt 0 ]; do
  case $1 in
  --seconds)
    [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || usage "--seconds wants a number of seconds, not: ${2:-nothing}"
    seconds=$2
    shift
    ;;
  *)
    [ -f "fuzz/targets/$1.rs" ] || usage "there is no target: $1"
    targets+=("$1")
    ;;
  esac
  shift
done
[ ${#targets[@]} -gt 0 ] || read -ra targets <<<"$known"

# The longest input in bytes, and the longest time in seconds that one may take on a busy machine.
bounds() {
  case $1 in
  bodies | openapi) echo 16384 10 ;;
  *) echo 4096 10 ;;
  esac
}

# The engine is compiled by the C++ compiler.
if ! command -v c++ >/dev/null 2>&1; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    say "missing: a C++ compiler; install what your system calls g++"
    exit 1
  fi
  say "installing g++"
  apt-get -qq -o DPkg::Lock::Timeout=300 update
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends g++ >/dev/null
fi
tool=target/tools/bin/cargo-fuzz
if ! "$tool" --version 2>/dev/null | grep -qF "$version"; then
  say "installing cargo-fuzz $version"
  CARGO_TARGET_DIR=target/tools/build CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0 \
    cargo install --quiet --debug --locked "cargo-fuzz@$version" --root target/tools
  rm -rf target/tools/build
fi

# All is safe Rust but the allocator that counts, so an address sanitizer would only cost executions; and without it the stable compiler does.
say "building"
"$tool" build --sanitizer none --target-dir "$root/build" --target x86_64-unknown-linux-gnu
mkdir -p "$root/log"

# The last of what the engine has said of itself: edges, features, corpus.
last() { grep -aoE "$2" "$1" 2>/dev/null | tail -n 1 | grep -oE '[0-9]+$' || true; }

rows=()
failed=0
for target in "${targets[@]}"; do
  read -r length slowest <<<"$(bounds "$target")"
  corpus=$root/corpus/$target artifacts=$root/artifacts/$target/ log=$root/log/$target.log
  mkdir -p "$corpus" "$artifacts"
  dictionary=()
  [ ! -f "fuzz/dictionaries/$target.txt" ] || dictionary=("-dict=fuzz/dictionaries/$target.txt")
  start=$SECONDS
  "$root/build/x86_64-unknown-linux-gnu/release/$target" "$corpus" "fuzz/corpus/$target" "${dictionary[@]}" \
    -max_total_time="$seconds" -max_len="$length" -timeout="$slowest" -rss_limit_mb=2048 -artifact_prefix="$artifacts" \
    -use_value_profile=1 -print_final_stats=1 >"$log" 2>&1 &
  running=$!
  trap 'kill $running 2>/dev/null || true' EXIT
  next=$SECONDS
  while kill -0 $running 2>/dev/null; do
    sleep 1
    if [ $SECONDS -ge $next ]; then
      say "$target: $((SECONDS - start)) of $seconds seconds, $(last "$log" 'cov: [0-9]+') edges, $(last "$log" 'corp: [0-9]+') inputs"
      next=$((SECONDS + 30))
    fi
  done
  outcome=held
  if ! wait $running; then
    outcome=FAILED
    failed=1
    say "$target failed; again: $root/build/x86_64-unknown-linux-gnu/release/$target $(grep -aoE 'written to .*' "$log" | tail -n 1 | cut -d' ' -f3)"
    grep -aE 'panicked at|ERROR: ' -A 2 "$log" | head -n 6 || true
  fi
  trap - EXIT
  rows+=("$target|$((SECONDS - start))|$(last "$log" 'number_of_executed_units: *[0-9]+')|$(last "$log" 'cov: [0-9]+')|$(last "$log" 'corp: [0-9]+')|$(last "$log" 'peak_rss_mb: *[0-9]+')|$outcome")
done

printf '%-14s %8s %12s %8s %8s %9s  %s\n' target seconds executions edges inputs 'peak MiB' outcome
for row in "${rows[@]}"; do
  IFS='|' read -r target took executions edges inputs peak outcome <<<"$row"
  printf '%-14s %8s %12s %8s %8s %9s  %s\n' "$target" "$took" "${executions:--}" "${edges:--}" "${inputs:--}" "${peak:--}" "$outcome"
done
exit $failed
