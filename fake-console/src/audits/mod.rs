//! Audits: from the link into the store, and from the store to people.

mod aggregate;
mod csv;
mod filter;
mod incidents;
mod sent;
mod sequence;
mod store;
mod syslog;

pub(crate) use csv::{firewall_csv, runtime_csv};
pub(crate) use filter::{Query, page_of, timeslice};
pub(crate) use sent::SentAudit;
pub use sequence::Gap;
pub(crate) use store::AuditStore;
pub use store::{Plane, StoredAudit};
