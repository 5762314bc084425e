#!/usr/bin/env bash
# Makes a Debian or Ubuntu machine able to build, test and run Proofhouse; says what it does, and does nothing twice.
# Where it may not (not root, another system), it says what is missing and what to run, and fails.
set -euo pipefail

oldest_rust=1.90

say() { echo "setup: $1"; }
has() { command -v "$1" >/dev/null 2>&1; }

# A package, and the sign by which it is known to be there.
missing=()
need() {
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || missing+=("$package")
}
static_libc() { has gcc && [ -e "$(gcc -print-file-name=libc.a)" ]; }

need gcc has gcc
need libc6-dev static_libc
need debootstrap has debootstrap
need debian-archive-keyring test -r /usr/share/keyrings/debian-archive-keyring.gpg
need musl-tools has musl-gcc
need busybox-static test -x /bin/busybox
need modsecurity-crs test -d /usr/share/modsecurity-crs/rules
need python3 has python3
need python3-venv python3 -c "import venv, ensurepip"
need curl has curl
need git has git
need make has make
need ca-certificates test -r /etc/ssl/certs/ca-certificates.crt
need iproute2 has ip
need strace has strace

docker_host=${DOCKER_HOST:-unix:///var/run/docker.sock}
engine_answers() {
  case $docker_host in
  unix://*) curl --silent --fail --max-time 5 --output /dev/null --unix-socket "${docker_host#unix://}" http://engine/_ping ;;
  *) docker version >/dev/null 2>&1 ;;
  esac
}
engine=yes
if ! engine_answers; then
  engine=no
  # Another engine than the machine's own is another's to start.
  [ "$docker_host" != unix:///var/run/docker.sock ] || need docker.io has dockerd
fi

debian=no
grep -qE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release 2>/dev/null && debian=yes

if [ ${#missing[@]} -gt 0 ]; then
  if [ $debian = no ]; then
    say "missing, by their names in Debian: ${missing[*]}"
    say "this is not Debian or Ubuntu: install what these packages contain, or run Proofhouse in a Debian 12 machine"
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    say "missing: ${missing[*]}"
    say "not root; run: sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}"
    exit 1
  fi
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt_get() { apt-get -qq -o DPkg::Lock::Timeout=300 "$@"; }
  apt_get update
  apt_get install --yes --no-install-recommends "${missing[@]}" >/dev/null
fi

# The engine. Scenarios need no network of Docker's, so one without a bridge is enough.
start_engine() {
  local log=/var/log/proofhouse-dockerd.log deadline
  if [ -d /run/systemd/system ]; then
    say "starting Docker by systemd"
    systemctl start docker
    deadline=$((SECONDS + 60))
    until engine_answers || [ $SECONDS -ge $deadline ]; do sleep 0.2; done
    return
  fi
  local options pid
  for options in "" "--bridge=none --iptables=false --ip6tables=false"; do
    say "starting \`dockerd${options:+ $options}\`; its log is $log"
    # shellcheck disable=SC2086 # the options are words
    setsid nohup dockerd $options >"$log" 2>&1 </dev/null &
    pid=$!
    deadline=$((SECONDS + 60))
    until engine_answers || ! kill -0 $pid 2>/dev/null || [ $SECONDS -ge $deadline ]; do sleep 0.2; done
    ! engine_answers || return 0
    kill $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
  done
}
if [ $engine = no ]; then
  if [ "$docker_host" != unix:///var/run/docker.sock ]; then
    say "no Docker engine answers at DOCKER_HOST ($docker_host): start it, or unset DOCKER_HOST"
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    say "no Docker engine answers at /var/run/docker.sock: start it (\`sudo systemctl start docker\`), and be in the group of the socket (\`sudo usermod -aG docker $(id -un)\`, then log in again)"
    exit 1
  fi
  start_engine
  if ! engine_answers; then
    say "Docker was started and does not answer within a minute; its log says:"
    { tail -n 15 /var/log/proofhouse-dockerd.log || journalctl -u docker -n 15 --no-pager; } 2>/dev/null || true
    exit 1
  fi
fi

# The compiler.
rust_version() { rustc --version 2>/dev/null | cut -d' ' -f2 || true; }
new_enough() { [ -n "$1" ] && [ "$(printf '%s\n' $oldest_rust "${1%%-*}" | sort -V | head -n 1)" = $oldest_rust ]; }
rust=$(rust_version)
if ! new_enough "$rust" || ! has cargo-clippy || ! has cargo-fmt; then
  if has rustup; then
    say "rustc is ${rust:-missing}; installing the stable toolchain by rustup"
    rustup toolchain install stable --profile minimal --component clippy --component rustfmt
    rust=$(rust_version)
  fi
  if ! new_enough "$rust" || ! cargo clippy --version >/dev/null 2>&1 || ! cargo fmt --version >/dev/null 2>&1; then
    say "rustc is ${rust:-missing}; Proofhouse needs $oldest_rust or later, with clippy and rustfmt"
    if has rustup; then
      say "run: rustup default stable && rustup component add clippy rustfmt"
    else
      say "what apt has is too old: install Rust as https://rustup.rs says, then run this again"
    fi
    exit 1
  fi
fi

say "ready (rustc $rust)"
