//! From the tree to a typed [`TaskDefinition`](super::TaskDefinition).

mod container;
mod task;
#[cfg(test)]
mod tests;

pub(super) use task::{task_definition, task_definitions};
