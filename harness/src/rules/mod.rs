//! What Fargate rejects, as a dated table of data (`fargate.json`) and the few questions that a table cannot ask.

mod check;
mod finding;
mod model;
mod path;
mod predicates;
#[cfg(test)]
mod relations_tests;
mod shape;
mod sizes;
mod suggestion;
mod table;
#[cfg(test)]
mod tests;

pub use check::{check, check_with};
pub use finding::{Finding, Level, RefusedBy, Wording};
pub use table::{Class, Date, Table, TableError};
