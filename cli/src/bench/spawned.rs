//! What starting programs takes, as the actor tells it.

use serde::Deserialize;

/// What `actor spawn-bench` prints: nanoseconds a program, by the way to start it.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Spawned {
    pub fork_ns: f64,
    pub vfork_ns: f64,
    pub posix_spawn_ns: f64,
}
