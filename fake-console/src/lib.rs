//! The simulated Console: REST API, Defender link, embed, audits, faults.

pub mod authority;
pub mod clock;
pub mod config;
pub mod embed;
pub mod faults;
mod random;
pub mod version;
