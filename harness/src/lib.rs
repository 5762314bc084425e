//! A simulated Fargate task: definition, rules, plan, lifecycle, engine, and the world outside.

pub mod outside;
pub mod services;
