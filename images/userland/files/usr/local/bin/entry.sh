#!/bin/sh
# The entry point of an app that is one script, named in its task definition without a path and without a command.
# It says a word, and then goes on as the actor, as the command it was given, or idle.
echo "entry.sh: started with $# arguments"
if [ -n "${PROOFHOUSE_ACTOR:-}" ] && command -v actor >/dev/null; then
  exec actor serve
fi
if [ $# -gt 0 ]; then
  exec "$@"
fi
exec sleep infinity
