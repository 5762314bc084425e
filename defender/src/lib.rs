//! The reference Defender: wrapper, sidecar and health check of one static binary.
//!
//! `decision` is pure, `kernel` is where everything unsafe is, `hub` is what wrappers and sidecar say to each other.

pub mod decision;
pub mod hub;
pub mod kernel;
pub mod wrapper;
