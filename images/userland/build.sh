#!/usr/bin/env bash
# Makes the Debian userland that scenarios run as the app: a Debian 12 with the packages of `packages`, the files of
# `files`, the actor and a program that resolves names as musl does, which also stands in the place of a file of a package.
#
#   images/userland/build.sh OUT.tar ACTOR
#
# ACTOR is the static actor (scripts/assets.sh builds it). Nothing is done when OUT.tar is of the same recipe already.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)

fail() {
  echo "userland: $1" >&2
  exit 1
}

[ $# -eq 2 ] || fail "usage: build.sh OUT.tar ACTOR"
out=$1
actor=$(realpath "$2")
[ -x "$actor" ] || fail "$2 is not a program: build it with \`scripts/assets.sh\`"
recipe() {
  cd "$here"
  find . ../debian -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
}
key=$({ recipe; sha256sum <"$actor"; } | sha256sum | cut -d' ' -f1)
if [ -s "$out" ] && [ "$(cat "$out.key" 2>/dev/null)" = "$key" ]; then
  exit 0
fi

command -v musl-gcc >/dev/null || fail "musl-gcc is missing: on Debian or Ubuntu run \`apt-get install musl-tools\`"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -R "$here/files/." "$stage"
mkdir -p "$stage/usr/bin"
chmod 0755 "$stage"/docker-entrypoint.sh "$stage"/usr/local/bin/*
install -m 0755 "$actor" "$stage/usr/local/bin/actor"
musl-gcc -static -Os -s -Wall -Wextra -Werror -o "$stage/usr/local/bin/musl-lookup" "$here/musl-lookup.c"
# A file of a package (coreutils) that is not what the package brought.
install -m 0755 "$stage/usr/local/bin/musl-lookup" "$stage/usr/bin/pinky"

rm -f "$out.key"
"$here/../debian/root.sh" "$here/packages" "$out"
"$here/../debian/add.sh" "$stage" "$out"
echo "$key" >"$out.key"
echo "userland: made $out, $(du -m "$out" | cut -f1) MiB"
