#!/bin/bash
# What a shell script does all day: pipes, jobs, traps, groups of processes, here documents, functions in subshells, exit codes.
set -u
cd "$(mktemp -d)" || exit 1

echo "arguments: $#, $*"
printf 'pear\napple\nfig\n' | sort | tee sorted | tr a-z A-Z | paste -sd,
wc -l <sorted
diff <(sort sorted) sorted && echo "the same through two pipes"
cat <<END
here: $((6 * 7)) $(echo nested "$(echo deeper)")
END

# A broken pipe ends the writer by a signal.
yes | head -n 1
echo "statuses of a pipe: ${PIPESTATUS[*]}"
sh -c 'kill -TERM $$'
echo "by a signal: $?"
(exit 42)
echo "of a subshell: $?"
no-such-program 2>/dev/null
echo "not there: $?"
/srv 2>/dev/null
echo "no program: $?"

# Jobs in groups of their own, ended by their group. When the shell tells of such an end is a matter of chance.
(
    set -m
    sh -c 'sleep 300 | cat; echo "not ended"' &
    kill -TERM -- "-$!"
    wait "$!"
    echo "a group: $?"
) 2>/dev/null
# By their numbers: which of them `wait -n` still knows is a matter of chance.
children=() sum=0
for n in 3 1 2; do
    (exit "$n") &
    children+=("$!")
done
for child in "${children[@]}"; do
    wait "$child"
    sum=$((sum + $?))
done
echo "three children: $sum"

trap 'echo "a trap"' USR1
kill -USR1 $$
coproc LOUD { tr a-z A-Z; }
echo through a coprocess >&"${LOUD[1]}"
exec {LOUD[1]}>&-
cat <&"${LOUD[0]}"
wait
find . -type f -exec sh -c 'for one; do basename "$one"; done' sh {} +
seq 1 100 | xargs -n 10 -P 4 sh -c 'echo $#' | sort | uniq -c | tr -s ' '
echo "to the other output" >&2
umask; ulimit -c
exec env -i PATH="$PATH" sh -c 'echo "replaced, with $(env | cut -d= -f1 | sort | paste -sd,)"; exit 3'
