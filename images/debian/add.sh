#!/usr/bin/env bash
# Adds a folder's files to a tar of a root file system, owned by root, with a fixed time.
#
#   images/debian/add.sh FOLDER OUT.tar
set -euo pipefail
cd "$1"
find . -mindepth 1 ! -type d -printf '%P\0' | LC_ALL=C sort -z |
  tar --append --file "$2" --null --files-from=- --no-recursion --transform='s,^,./,' --format=gnu \
    --owner=0 --group=0 --numeric-owner --mode='u=rwX,go=rX' --mtime=@1735689600
