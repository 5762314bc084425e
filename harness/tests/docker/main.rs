//! The harness on Docker. These tests need a daemon and Debian's busybox-static.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

mod between;
mod clean;
mod evidence;
mod leaf;
mod many;
mod speed;
mod support;
mod task;
