//! What Fargate rejects, as a dated table of data (`fargate.json`) and the few questions that a table cannot ask.

mod check;
mod finding;
mod path;
mod predicates;
mod sizes;
mod table;
#[cfg(test)]
mod tests;

pub use check::{check, check_with};
pub use finding::Finding;
pub use table::{Class, Date, Table, TableError};
