//! What each check says on which evidence, and whom it blames: at least one case of each outcome for each check.

mod acceptance;
mod attribution;
mod audits;
mod blame;
mod case;
mod complete;
mod connections;
mod console;
mod containers;
mod doing;
mod embedding;
mod exchanges;
mod files;
mod kept;
mod link;
mod lost_events;
mod modelled;
mod names;
mod policy;
mod programs;
mod requests;
mod same_app;
mod schema;
mod stops;
mod syslog;
mod task;
mod visits;

pub use complete::cases;
