//! What a policy decides. Pure: no clock, no file, no socket.

mod domain;
mod file;
mod pattern;
mod policy;
mod process;
mod scope;
mod scrub;

pub use domain::{DnsRules, DomainPattern};
pub use file::{Content, FileRules, FileViolation, Touch};
pub use pattern::{Case, Pattern};
pub use policy::{ContainerRule, Policy};
pub use process::{Launch, Places, ProcessRules, Violation};
pub use scope::{Workload, first_rule};
pub use scrub::scrub;
