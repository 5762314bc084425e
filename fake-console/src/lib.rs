//! The simulated Console: REST API, Defender link, embed, audits, faults.

pub mod audits;
pub mod authority;
pub mod clock;
pub mod config;
pub mod embed;
pub mod faults;
mod policy;
mod random;
mod scope;
pub mod version;
