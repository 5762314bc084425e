//! The WAAS firewall of the reference Defender: detection compiled from the Core Rule Set, and the reverse proxy.

mod attack;
mod audit;
mod auditor;
mod bans;
mod block;
mod body;
mod canonical;
mod client_address;
mod clock;
pub mod crs;
mod detect;
mod event;
mod exceptions;
mod input;
mod policy;
mod proxy;
mod request;
mod transform;
mod waas;

pub use attack::{Attack, AttackSet};
pub use canonical::each_form;
pub use clock::{Clock, SystemClock};
pub use detect::{CrsError, Detector, Match};
pub use exceptions::{ExceptionError, Exceptions};
pub use input::{Class, ClassSet, Input, Location};
pub use request::RequestView;
pub use transform::Transform;
pub use waas::{Waas, WaasConfig, WaasError};
