//! The language as its callers see it: one program for all, since they share requests.

mod attributes;
mod errors;
mod functions;
mod messages;
mod operators;
mod robustness;
mod runtime;
mod sample;
mod system_rules;
