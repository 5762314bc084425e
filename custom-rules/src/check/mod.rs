//! From the syntax tree to the plan: names are looked up, types are checked, literals are compiled.

mod call;
mod checker;
mod comparison;
mod list;
mod operand;

pub(crate) use checker::{Checked, MAX_PARTS, MAX_PATTERNS, check};

use checker::Checker;
