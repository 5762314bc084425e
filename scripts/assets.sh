#!/usr/bin/env bash
# Builds what goes into images, and lays it out in target/assets:
#
#   world, actor, defender   static programs
#   crs/                     the Core Rule Set of Debian's modsecurity-crs: crs-setup.conf and rules/
#   userland.tar             the Debian userland
#   modsecurity.tar          the benchmark's peer; only with --bench
#
# A file that has not changed keeps its time.
set -euo pipefail

cd "$(dirname "$0")/.."
root=$PWD
target=$root/target
assets=$target/assets
export PROOFHOUSE_CACHE=${PROOFHOUSE_CACHE:-$target/cache}
mkdir -p "$assets"

# Static, and for any Linux: the images may be empty ones.
triple=$(rustc -vV | sed -n 's/^host: //p')
case $triple in
*-linux-gnu) ;;
*)
  echo "assets: the static programs are built for a *-linux-gnu target, and this toolchain is for $triple" >&2
  exit 1
  ;;
esac
RUSTFLAGS="-C target-feature=+crt-static" CARGO_TARGET_DIR=$target/static cargo build --quiet --locked \
  --profile image --target "$triple" -p proofhouse-world -p proofhouse-actor -p proofhouse-defender
for program in world actor defender; do
  built=$target/static/$triple/image/$program
  if readelf --program-headers "$built" | grep -q INTERP; then
    echo "assets: $program is not static" >&2
    exit 1
  fi
  cmp --quiet "$built" "$assets/$program" || install -m 0755 "$built" "$assets/$program"
done

rules=/usr/share/modsecurity-crs/rules
setup=/etc/modsecurity/crs/crs-setup.conf
if [ ! -d $rules ] || [ ! -r $setup ]; then
  echo "assets: the Core Rule Set is missing: on Debian or Ubuntu run \`apt-get install modsecurity-crs\`" >&2
  exit 1
fi
fresh=$(mktemp -d "$assets/crs.XXXXXX")
trap 'rm -rf "$fresh"' EXIT
chmod 0755 "$fresh"
mkdir "$fresh/rules"
cp -p $rules/*.conf $rules/*.data "$fresh/rules/"
cp -p $setup "$fresh/"
if ! diff -rq "$fresh" "$assets/crs" >/dev/null 2>&1; then
  rm -rf "$assets/crs"
  mv "$fresh" "$assets/crs"
fi

images/userland/build.sh "$assets/userland.tar" "$assets/actor"
if [ "${1:-}" = --bench ]; then
  images/modsecurity/build.sh "$assets/modsecurity.tar"
fi
