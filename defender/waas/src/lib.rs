//! The WAAS firewall of the reference Defender: detection compiled from the Core Rule Set, and the reverse proxy.

mod attack;
mod body;
mod canonical;
pub mod crs;
mod detect;
mod exceptions;
mod input;
mod request;
mod transform;

pub use attack::{Attack, AttackSet};
pub use canonical::each_form;
pub use detect::{CrsError, Detector, Match};
pub use exceptions::{ExceptionError, Exceptions};
pub use input::{Class, ClassSet, Input, Location};
pub use request::RequestView;
pub use transform::Transform;
