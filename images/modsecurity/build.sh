#!/usr/bin/env bash
# Makes the image that `make bench` measures the application firewall against: nginx with ModSecurity and the Core
# Rule Set, all as Debian packages them. No scenario uses it.
#
#   images/modsecurity/build.sh OUT.tar
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || { echo "usage: images/modsecurity/build.sh OUT.tar" >&2; exit 1; }
out=$1
recipe() {
  cd "$here"
  find . ../debian -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
}
key=$(recipe | sha256sum | cut -d' ' -f1)
if [ -s "$out" ] && [ "$(cat "$out.key" 2>/dev/null)" = "$key" ]; then
  exit 0
fi

rm -f "$out.key"
"$here/../debian/root.sh" "$here/packages" "$out"
"$here/../debian/add.sh" "$here/files" "$out"
echo "$key" >"$out.key"
echo "modsecurity: made $out, $(du -m "$out" | cut -f1) MiB"
