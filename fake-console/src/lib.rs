//! The simulated Console: REST API, Defender link, embed, audits, faults.

pub mod audits;
pub mod authority;
pub mod clock;
pub mod config;
mod console;
mod defenders;
mod discovery;
pub mod embed;
pub mod faults;
mod fences;
mod link;
mod policy;
mod random;
mod rest;
pub mod sabotage;
mod scope;
mod state;
mod tls;
pub mod version;
mod waiting;

pub use audits::{Gap, Plane, StoredAudit};
pub use clock::{Clock, ManualClock, ShiftedClock, SystemClock};
pub use config::{ConsoleConfig, ImageConfig, Permission, Role, User};
pub use console::{Console, ConsoleError};
pub use defenders::DefenderInfo;
pub use faults::{Fault, Faults};
pub use policy::{JsonPath, Mistake, Refusal, Step, Wrong};
pub use sabotage::Sabotage;
pub use tls::TlsError;
pub use version::Version;
pub use waiting::{FenceError, FencePassed, WaitError};
