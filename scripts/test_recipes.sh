#!/usr/bin/env bash
# Tests of the recipes' own logic: every script parses, every broken build's patch applies, a file put into a root replaces the one that is there, and the
# same input gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  echo "test_recipes: $1" >&2
  exit 1
}

mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
for script in "${scripts[@]}"; do
  case $(head -n 1 "$script") in
  '#!/bin/sh') sh -n "$script" ;;
  *) bash -n "$script" ;;
  esac || fail "$script does not parse"
  [ -x "$script" ] || fail "$script is not executable"
done

for patch in {defender,fake-console,harness,images/world}/broken/*.patch; do
  git apply --check "$patch" || fail "$patch breaks nothing any more: write it anew"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/etc" "$work/new/etc/deep"
echo old >"$work/root/etc/file"
echo kept >"$work/root/etc/other"
echo new >"$work/new/etc/file"
echo more >"$work/new/etc/deep/more"
chmod 0755 "$work/new/etc/deep/more"
make_tar() {
  tar --create --file "$1" --directory "$work/root" --sort=name --owner=0 --group=0 --mtime=@0 --format=gnu .
  images/debian/add.sh "$work/new" "$1"
}
make_tar "$work/one.tar"
touch "$work/new/etc/file" # another time, the same content
make_tar "$work/two.tar"
cmp "$work/one.tar" "$work/two.tar" || fail "the same files gave different bytes"

listed=$(tar --list --file "$work/one.tar" | sort)
[ "$listed" = "$(sort -u <<<"$listed")" ] || fail "a path is there twice: $listed"
mkdir "$work/out"
tar --extract --file "$work/one.tar" --directory "$work/out"
[ "$(cat "$work/out/etc/file" "$work/out/etc/other" "$work/out/etc/deep/more")" = $'new\nkept\nmore' ] ||
  fail "the files are not those that were put in"
[ "$(stat -c %a "$work/out/etc/deep/more" "$work/out/etc/file")" = $'755\n644' ] || fail "a mode is wrong"

refused=$(images/userland/build.sh "$work/x.tar" "$work/no-actor" 2>&1) && fail "an image without an actor was made"
[[ $refused == *"is not a program: build it with \`scripts/assets.sh\`"* ]] || fail "the refusal says: $refused"
echo "test_recipes: ${#scripts[@]} scripts and the recipes are sound"
