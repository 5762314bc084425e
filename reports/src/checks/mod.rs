//! Checks: pure functions over records. Nobody else concludes anything, and each gives the same answer on a recording as it
//! gave in the run.

mod acceptance;
mod act;
mod attribution;
mod audit;
mod audit_count;
mod audit_says;
mod check;
mod connection;
mod console;
mod container;
mod dns;
mod embedding;
mod evidence;
mod exchange;
mod expect;
mod link;
mod look;
mod lookup;
mod loss;
mod outcome;
mod policy;
mod program;
mod requests;
mod same_app;
mod task;
mod text;

pub use acceptance::{Acceptance, AcceptanceExpectation};
pub use attribution::Attribution;
pub use audit::AuditView;
pub use audit_count::{AuditCount, Count};
pub use check::Check;
pub use connection::{Connection, ConnectionExpectation};
pub use console::{AnswerExpectation, ConsoleAnswer};
pub use container::FactExpectation;
pub use dns::Questions;
pub use embedding::EmbedExpectation;
pub use evidence::Evidence;
pub use exchange::{EVENT_ID_HEADER, Exchange, ExchangeExpectation};
pub use expect::{Expect, Pattern, PatternError};
pub use look::Place;
pub use lookup::{Lookup, LookupExpectation, TOOK};
pub use outcome::{Conclusion, Outcome};
pub use program::{Program, ProgramExpectation};
pub use requests::{AppRequests, ServiceRequests};
pub use task::{ContainerMoment, TaskExpectation};
