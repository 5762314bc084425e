#!/usr/bin/env bash
# Puts a folder's files into a tar of a root file system, owned by root, with a fixed time, in the place of those it
# has: Docker refuses a tar that has a path twice.
#
#   images/debian/add.sh FOLDER OUT.tar
set -euo pipefail

out=$(realpath "$2")
cd "$1"
files=$(find . ! -type d | LC_ALL=C sort)
mapfile -t present < <(tar --list --file "$out" | grep -Fx "$files" || true)
[ ${#present[@]} -eq 0 ] || tar --delete --file "$out" "${present[@]}"
tar --append --file "$out" --files-from=- --no-recursion --format=gnu --owner=0 --group=0 --numeric-owner \
  --mode='u=rwX,go=rX' --mtime=@1735689600 <<<"$files"
