//! What a policy decides. Pure: no clock, no file, no socket.

mod address;
mod custom;
mod domain;
mod file;
mod network;
mod pattern;
mod policy;
mod process;
mod scope;
mod scrub;

pub use address::{AddressBlock, is_own, is_private};
pub use custom::{AttachedRule, CustomDecision, CustomEffect, CustomRules};
pub use domain::{DnsRules, DomainPattern};
pub use file::{Content, FileRules, FileViolation, Touch};
pub use network::{NetworkRules, NetworkViolation};
pub use pattern::{Case, Pattern};
pub use policy::{ContainerRule, Policy};
pub use process::{Finding, Launch, Places, ProcessRules, Violation};
pub use scope::{Workload, first_rule};
pub use scrub::scrub;
