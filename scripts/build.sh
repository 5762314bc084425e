#!/usr/bin/env bash
# Builds the proofhouse command, the programs that go into images, and the one that makes the database of countries, in target/debug.
#
# One call of Cargo for all: what they share is compiled once, with the features that any of them wants, and while the last
# crates of one wait for each other, those of another are compiled.
set -euo pipefail

cd "$(dirname "$0")/.."
# A wrapper of one's own would take the place of scripts/rustc.sh.
unset RUSTC_WRAPPER CARGO_BUILD_RUSTC_WRAPPER
cargo build --locked -p proofhouse -p proofhouse-actor -p proofhouse-defender -p proofhouse-geo -p proofhouse-world
