#!/usr/bin/env bash
# Builds the proofhouse command and what goes into images, and lays that out in target/assets:
#
#   world, actor, defender   static programs
#   crs/                     the Core Rule Set of Debian's modsecurity-crs: crs-setup.conf and rules/
#   geo.mmdb                 the database of countries
#   userland.tar             the Debian userland
#   modsecurity.tar          the benchmark's peer; only with --bench
#
# The root file systems of Debian are made while the compiler works. A file that has not changed keeps its time.
set -euo pipefail

cd "$(dirname "$0")/.."
root=$PWD
target=$root/target
assets=$target/assets
export PROOFHOUSE_CACHE=${PROOFHOUSE_CACHE:-$target/cache}
bench=no
[ "${1:-}" != --bench ] || bench=yes
mkdir -p "$assets" "$PROOFHOUSE_CACHE"

scratch=$(mktemp -d "$assets/new.XXXXXX")
roots=
finish() {
  # A debootstrap that nobody waits for any more; it is a group of its own.
  [ -z "$roots" ] || kill -- "-$roots" 2>/dev/null || true
  [ -z "$roots" ] || wait "$roots" 2>/dev/null || true
  rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Into the cache of root.sh, from which the images take them below. What was made of the present recipe needs none.
make_roots() {
  local image
  for image in "$@"; do
    images/debian/root.sh "images/$image/packages" "$scratch/root.tar"
    rm "$scratch/root.tar"
  done
}
wanted=()
want() { [ "$assets/$1.tar.key" -nt "images/$1/packages" ] && [ "$assets/$1.tar.key" -nt images/debian/root.sh ] || wanted+=("$1"); }
want userland
[ $bench = no ] || want modsecurity
log=$target/debian.log
if [ ${#wanted[@]} -gt 0 ]; then
  echo "assets: the Debian of ${wanted[*]} is made meanwhile; target/debian.log has how it goes"
  set -m
  make_roots "${wanted[@]}" >"$log" 2>&1 </dev/null &
  roots=$!
  set +m
fi

scripts/build.sh
interpreted() { readelf --program-headers "target/debug/$1" | grep -q INTERP; }
for program in world actor defender; do
  if interpreted $program; then
    # Cargo does not notice that it was linked without scripts/rustc.sh, by a call from elsewhere or with another wrapper.
    cargo clean --quiet -p "proofhouse-$program"
    scripts/build.sh
  fi
  if interpreted $program; then
    echo "assets: $program is not static although scripts/rustc.sh links it: is .cargo/config.toml in force?" >&2
    exit 1
  fi
  strip -o "$scratch/$program" "target/debug/$program"
  cmp --quiet "$scratch/$program" "$assets/$program" || install -m 0755 "$scratch/$program" "$assets/$program"
done

rules=/usr/share/modsecurity-crs/rules
setup=/etc/modsecurity/crs/crs-setup.conf
if [ ! -d $rules ] || [ ! -r $setup ]; then
  echo "assets: the Core Rule Set is missing: on Debian or Ubuntu run \`apt-get install modsecurity-crs\`" >&2
  exit 1
fi
fresh=$scratch/crs
mkdir -p "$fresh/rules"
cp -p $rules/*.conf $rules/*.data "$fresh/rules/"
cp -p $setup "$fresh/"
if ! diff -rq "$fresh" "$assets/crs" >/dev/null 2>&1; then
  rm -rf "$assets/crs"
  mv "$fresh" "$assets/crs"
fi

target/debug/geo "$scratch/geo.mmdb"
cmp --quiet "$scratch/geo.mmdb" "$assets/geo.mmdb" || install -m 0644 "$scratch/geo.mmdb" "$assets/geo.mmdb"

if [ -n "$roots" ]; then
  if ! wait "$roots"; then
    roots=
    echo "assets: the Debian of ${wanted[*]} could not be made; target/debian.log says:" >&2
    tail -n 25 "$log" >&2
    exit 1
  fi
  roots=
fi
images/userland/build.sh "$assets/userland.tar" "$assets/actor"
[ $bench = no ] || images/modsecurity/build.sh "$assets/modsecurity.tar"
# Of the present recipe, whatever the times of its files say.
for image in ${wanted[@]+"${wanted[@]}"}; do touch "$assets/$image.tar.key"; done
