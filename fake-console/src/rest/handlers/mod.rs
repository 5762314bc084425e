//! One handler per call.

mod api_specs;
mod audits;
mod collections;
mod custom_rules;
mod defenders;
mod discovery;
mod embed;
mod log_scrubbing;
mod monitoring;
mod network_lists;
mod policies;
mod session;
mod settings;

pub(super) use api_specs::import_api_spec;
pub(super) use audits::{
    firewall_audits, firewall_audits_csv, firewall_timeslice, incidents, runtime_audits, runtime_audits_csv,
};
pub(super) use collections::{
    collection_usages, collections, create_collection, remove_collection, update_collection,
};
pub(super) use custom_rules::{custom_rules, put_custom_rule, remove_custom_rule};
pub(super) use defenders::{
    defender_names, defender_summary, defenders, defenders_csv, image_name, profiles, remove_defender,
};
pub(super) use discovery::{discovered_apis, discovered_apis_document};
pub(super) use embed::{fargate_json, fargate_yaml, install_bundle};
pub(super) use log_scrubbing::{log_scrubbing, put_log_scrubbing};
pub(super) use monitoring::{firewall_count, monitoring_stats, reset_monitoring_stats};
pub(super) use network_lists::{
    create_network_list, network_lists, remove_network_list, update_network_list,
};
pub(super) use policies::{post_runtime, put_runtime, put_waas, runtime, waas};
pub(super) use session::{authenticate, ping, renew, version};
pub(super) use settings::{put_settings, settings};

use crate::audits::Query as Pairs;
use crate::policy::Refusal;
use crate::state::Shared;
use axum::extract::{Extension, Query, State};
use bytes::Bytes;
use serde_json::Value;
use std::sync::Arc;

type Console = State<Arc<Shared>>;
type Caller = Extension<super::auth::Caller>;
type Parameters = Query<Vec<(String, String)>>;

/// The body as JSON; an empty one is `{}`.
fn json(body: &Bytes) -> Result<Value, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    serde_json::from_slice(body).map_err(|error| Refusal::bad(format!("failed to unmarshal: {error}")))
}

fn pairs(parameters: Parameters) -> Pairs {
    Pairs(parameters.0)
}
