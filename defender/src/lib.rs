//! The reference Defender: wrapper, sidecar and health check of one static binary.
//!
//! `decision` is pure, `kernel` is where everything unsafe is, `hub` is what wrappers and sidecar say to each other.

pub mod command;
pub mod decision;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod hub;
pub mod kernel;
pub mod sidecar;
pub mod wrapper;

/// The release whose interfaces this Defender speaks; it says so to the Console and in audits.
pub const VERSION: &str = "34.04.145";
