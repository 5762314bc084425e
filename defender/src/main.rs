//! The reference Defender: one static binary with the wrapper, the sidecar and the health check.

fn main() {}
