//! How true the simulated task is: one table of every property, with its label and the requirements that lean on it.
//!
//! `proofhouse fidelity` prints it, each plan carries the rows that concern its task, each report carries all of them, and
//! a scenario whose requirement leans on a row that is only assumed, or not simulated at all, cannot pass.

mod property;
mod table;

pub use proofhouse_protocol::FidelityLabel;
pub use property::{Property, of, properties, reasons, relied_on};
