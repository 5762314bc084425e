//! A simulated Fargate task: definition, rules, plan, lifecycle, engine, and the world outside.

pub mod clean;
pub mod definition;
pub mod doctor;
pub mod ecs;
pub mod engine;
pub mod fidelity;
pub mod images;
pub mod labels;
pub mod leaf;
pub mod lifecycle;
pub mod loss;
pub mod open_files;
pub mod outside;
pub mod plan;
pub mod rules;
pub mod secret_reference;
pub mod services;
pub mod stand_ins;
pub mod surroundings;
pub mod task;
