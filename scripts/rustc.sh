#!/bin/sh
# Cargo calls this in place of rustc (.cargo/config.toml): the programs that go into images are linked statically, and
# nothing else is. With RUSTFLAGS instead, every dependency would be compiled a second time for them.
case ${CARGO_BIN_NAME:-}:" $* " in
world:*" --crate-type bin "* | actor:*" --crate-type bin "* | defender:*" --crate-type bin "*)
  exec "$@" -C target-feature=+crt-static
  ;;
esac
exec "$@"
