#!/usr/bin/env bash
# Runs cargo-deny: licences, bans and sources always, advisories where their database can be fetched.
#
#   scripts/deny.sh CARGO-DENY
set -euo pipefail

deny=$1
cd "$(dirname "$0")/.."
"$deny" --log-level error --all-features check bans licenses sources

if "$deny" fetch db >target/deny-fetch.log 2>&1; then
  "$deny" --log-level error --all-features check --disable-fetch advisories
else
  echo "deny: advisories were not checked, because their database cannot be fetched: $(grep -iE 'error|failed' target/deny-fetch.log | head -n 1)"
fi
