//! Checkers: pure functions over records. Each gives the same answer on a recording as it gave in the run.

mod act;
mod app;
mod attribution;
mod audit;
mod audit_count;
mod check;
mod conclusion;
mod container;
mod dns;
mod event;
mod evidence;
mod exchange;
mod expect;
mod program;
mod text;

pub use app::{app_never_saw, app_saw};
pub use attribution::{Attribution, no_unexplained_audits};
pub use audit::{AuditView, Plane};
pub use audit_count::{AuditCount, Count, audit_count, no_audit};
pub use check::{Check, RecheckError, recheck};
pub use conclusion::{Blame, Conclusion, Outcome};
pub use container::container_not_restarted;
pub use dns::{dns_asked, dns_never_asked};
pub use event::{EventSelector, event_count, order};
pub use evidence::{fence_passed_after, losses};
pub use exchange::{EVENT_ID_HEADER, EventId, Exchange, exchange, same_bytes};
pub use expect::{Expect, Pattern, PatternError};
pub use program::{ProgramRan, program_had_no_effect, program_ran};
