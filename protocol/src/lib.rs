//! The words all sides share: policies, collections, audits, link messages, the install bundle, observations.
//!
//! This crate has shapes and parsing, and no behaviour: how a scope matches or which list wins is the
//! Defender's business, what a Console stores is the Console's. Sources of the shapes are sections 2 and 4 of
//! `reference/runtime-and-embed.md` and section 1 of `reference/waas.md`.

pub mod actor;
mod api_spec;
pub mod audit;
pub mod bundle;
pub mod collection;
pub mod custom_rule;
mod discovery;
pub mod effect;
pub mod embed;
pub mod feature;
pub mod fidelity;
pub mod image;
pub mod link;
pub mod monitoring;
pub mod observation;
pub mod runtime_policy;
pub mod secret;
pub mod semantics;
mod sensitive_data;
pub mod spelling;
pub mod task;
mod waas_clients;
pub mod waas_policy;
mod waas_response;

pub use audit::{FirewallAudit, RuntimeAudit};
pub use bundle::InstallBundle;
pub use collection::Collection;
pub use custom_rule::CustomRule;
pub use discovery::{DiscoveredApi, LearnedParam};
pub use effect::{RuleEffect, WaasEffect};
pub use embed::EmbedNames;
pub use feature::Feature;
pub use fidelity::FidelityLabel;
pub use monitoring::MonitoringStats;
pub use observation::{Observation, Recorder, Recording, Source};
pub use runtime_policy::{RuntimePolicy, RuntimeRule};
pub use secret::{Redactor, Secret};
pub use semantics::Semantics;
pub use sensitive_data::{SENSITIVE_LOCATIONS, SensitiveDataSpec, SensitivePattern};
pub use waas_policy::WaasPolicy;
