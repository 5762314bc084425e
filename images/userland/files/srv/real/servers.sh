#!/bin/bash
# nginx with four workers, loaded by a Go program with many threads; reloaded, and ended in order.
set -eu
sed 's/worker_processes.*/worker_processes 4;/; s/access_log .*;/access_log off;/' /etc/nginx/nginx.conf >/tmp/nginx.conf
nginx -c /tmp/nginx.conf -g 'daemon off;' 2>/tmp/said &
server=$!
load() { hey -n 2000 -c 100 http://127.0.0.1:8080/ | grep -oE '\[[0-9]+\].*responses|dial .*' | tr -s '\t ' ' '; }
workers() { pgrep -P "$server" | sort; }
# Until something is so, as long as the server is there.
until_so() { until "$@"; do kill -0 "$server" || { cat /tmp/said; exit 1; }; sleep 0.05; done; }
serves() { curl -sf -o /dev/null http://127.0.0.1:8080/; }
all_new() { [ "$(workers | wc -l)" -eq 4 ] && [ -z "$(comm -12 /tmp/first <(workers))" ]; }

until_so serves
workers >/tmp/first
echo "workers: $(wc -l </tmp/first)"
load
kill -HUP "$server"
until_so all_new
load
kill -QUIT "$server"
wait "$server"
echo "nginx: $?"
