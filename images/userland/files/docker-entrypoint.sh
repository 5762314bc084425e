#!/bin/sh
# The entry point of images whose command is the app: starts the actor beside it when the harness asks for one, and
# becomes the app.
set -e
if [ -n "${PROOFHOUSE_ACTOR:-}" ] && command -v actor >/dev/null; then
  actor serve &
fi
exec "$@"
