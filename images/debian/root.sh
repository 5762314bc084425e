#!/usr/bin/env bash
# Makes the root file system of a small Debian 12 as a tar, with the packages of a list. The same list and the same
# versions give the same bytes.
#
#   images/debian/root.sh PACKAGES OUT.tar
#
# PACKAGES is a file with one package a line. The result is kept under a name made of the list, of this recipe and of
# the machine's architecture, in PROOFHOUSE_CACHE (target/cache by default), and made again only when one changes.
# The mirror is the machine's own (its apt sources); PROOFHOUSE_DEBIAN_MIRROR names another.
set -euo pipefail

suite=bookworm
epoch=1735689600 # no file is newer than 2025-01-01
here=$(cd "$(dirname "$0")" && pwd)
cache=${PROOFHOUSE_CACHE:-$here/../../target/cache}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() {
  echo "root.sh: $1" >&2
  exit 1
}

[ $# -eq 2 ] || fail "usage: root.sh PACKAGES OUT.tar"
packages=$(sed 's/#.*//' "$1" | tr -s ' \n' '\n' | sed '/^$/d' | LC_ALL=C sort -u | paste -sd,)
out=$2
key=$({ echo "$packages"; uname -m; cat "$0"; } | sha256sum | cut -c1-16)
base=$cache/debian-$key.tar

if [ ! -s "$base" ]; then
  [ "$(id -u)" -eq 0 ] || fail "not root: debootstrap makes device files and changes its root; run \`sudo env \"PATH=\$PATH\" make assets\`"
  command -v debootstrap >/dev/null || fail "debootstrap is missing: on Debian or Ubuntu run \`apt-get install debootstrap\`"
  [ -r "$keyring" ] || fail "$keyring is missing: run \`apt-get install debian-archive-keyring\`"

  # The first source of apt that has this suite of Debian, in either notation. Where there is none (Ubuntu),
  # debootstrap knows a mirror itself.
  mirror=${PROOFHOUSE_DEBIAN_MIRROR:-$(
    { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null || true; } |
      awk -v suite=$suite '
        function flush() { if (types ~ /deb( |$)/ && (" " suites " ") ~ (" " suite " ") && uri && !found) found = uri; types = suites = uri = "" }
        /^[[:space:]]*#/ { next }
        /^[[:space:]]*$/ { flush(); next }
        $1 == "deb" { line = $0; sub(/\[[^]]*\]/, "", line); n = split(line, word, /[[:space:]]+/)
                      if (word[3] == suite && !found) found = word[2]; next }
        /^Types:/ { flush(); types = substr($0, 8) }
        /^URIs:/ { uri = $2 }
        /^Suites:/ { suites = substr($0, 9) }
        END { flush(); print found }'
  )}

  mkdir -p "$cache/packages"
  work=$(mktemp -d "$cache/root.XXXXXX")
  trap 'rm -rf --one-file-system "$work"' EXIT
  root=$work/root
  echo "root.sh: debootstrap $suite with $(tr ',' '\n' <<<"$packages" | wc -l) packages (about a minute)"
  if ! debootstrap --variant=minbase --merged-usr --keyring="$keyring" --include="$packages" \
    --cache-dir="$(cd "$cache/packages" && pwd)" $suite "$root" ${mirror:+"$mirror"} >"$work/log" 2>&1; then
    tail -n 20 "$work/log" "$root/debootstrap/debootstrap.log" >&2 || true
    fail "debootstrap failed (mirror: ${mirror:-its own default}); PROOFHOUSE_DEBIAN_MIRROR chooses another"
  fi

  chroot "$root" useradd --uid 1000 --create-home --shell /bin/bash app
  # What the programs do not need, what the machine left behind, and what differs from one run to the next.
  find "$root/usr/share/doc" ! -type d ! -name copyright -delete
  find "$root/usr/share/doc" -type d -empty -delete
  find "$root" -xdev -name __pycache__ -prune -exec rm -rf {} +
  rm -rf "$root"/usr/share/{man,info,locale,lintian,bash-completion,vim,gcc} "$root"/var/cache/{apt,debconf,ldconfig} \
    "$root"/var/lib/apt "$root"/var/lib/dpkg/*-old "$root"/etc/*- "$root"/etc/apt/sources.list* "$root"/etc/{hostname,resolv.conf,machine-id}
  find "$root/var/log" "$root/tmp" "$root/run" -mindepth 1 ! -type d -delete
  awk -F: -v OFS=: '{ $3 = 20000 } 1' "$root/etc/shadow" >"$work/shadow"
  cat "$work/shadow" >"$root/etc/shadow"

  tar --create --file "$work/root.tar" --directory "$root" --sort=name --numeric-owner --format=gnu \
    --mtime=@$epoch --clamp-mtime --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' .
  mv "$work/root.tar" "$base"
fi

mkdir -p "$(dirname "$out")"
cp --reflink=auto "$base" "$out.new"
mv "$out.new" "$out"
