#!/bin/sh
# What a process finds of itself, whoever started it: mask, limits, signals, descriptors, groups, priorities, places.
echo "mask $(umask)"
for kind in S H; do ulimit -"$kind"a 2>/dev/null || ulimit -a; done | tr -s ' ' | sed 's/^/limit /'
grep -E '^Limit|^Max' /proc/self/limits | tr -s ' '
grep -E '^(SigQ|SigBlk|SigIgn|SigCgt|Uid|Gid|Groups|Umask|FDSize|Threads|Cpus_allowed|Mems_allowed|CoreDumping|THP_enabled)' /proc/$$/status | sed 's/^SigQ.*\///'
for fd in 0 1 2; do
  case $(readlink /proc/$$/fd/$fd) in
  pipe:*) echo "descriptor $fd: a pipe" ;;
  socket:*) echo "descriptor $fd: a socket" ;;
  *) echo "descriptor $fd: $(readlink /proc/$$/fd/$fd)" ;;
  esac
  grep flags /proc/$$/fdinfo/$fd
done
echo "descriptors" $(ls /proc/$$/fd | sort -n)
read -r line && echo "input: $line" || echo "no input"
[ "$(ps -o pgid= -p $$)" -eq $$ ] && echo "leads its group"
[ "$(ps -o sid= -p $$)" -eq $$ ] && echo "leads its session"
echo "terminal $(ps -o tty= -p $$), priority $(ps -o ni=,cls=,rtprio= -p $$)"
echo "oom $(cat /proc/$$/oom_score_adj), personality $(cat /proc/$$/personality), dumpable $(stat -c %u /proc/$$/stat)"
echo "coredump $(cat /proc/$$/coredump_filter)"
echo "in $(pwd), root $(readlink /proc/$$/root), name $(cat /proc/$$/comm)"
tr '\0' ' ' </proc/$$/cmdline; echo
df -P / /tmp /dev/shm | awk 'NR > 1 { print $6, $1 }'
awk '{ print $2, $3 }' /proc/$$/mounts | grep -v -e '^/var/lib/twistlock' -e ' cgroup' | sort
for namespace in cgroup ipc mnt net pid user uts; do [ -e "/proc/$$/ns/$namespace" ] && echo "namespace $namespace"; done
ls -A / /tmp /dev/shm /run
date +%Z; cat /etc/hostname | wc -l; cat /etc/resolv.conf | grep -v '^#' | wc -l
