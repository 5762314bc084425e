//! A simulated Fargate task: definition, rules, plan, lifecycle, engine, and the world outside.

pub mod definition;
pub mod engine;
pub mod labels;
pub mod lifecycle;
pub mod plan;
pub mod task;
