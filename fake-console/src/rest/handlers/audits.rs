//! Audits of both planes.

use super::{Console, Parameters, pairs};
use crate::audits::{Plane, firewall_csv, page_of, runtime_csv, timeslice};
use crate::policy::Refusal;
use crate::rest::answer::{Answer, csv, document, list_or_null};
use crate::state::Shared;
use axum::extract::State;
use serde_json::Value;

fn rows(shared: &Shared, plane: Plane) -> Vec<Value> {
    let now = shared.now();
    shared.lock().audits.rows(plane, now)
}

fn page(shared: &Shared, plane: Plane, parameters: Parameters) -> Result<Vec<Value>, Refusal> {
    let query = pairs(parameters);
    page_of(&query, query.select(rows(shared, plane))?)
}

pub(crate) async fn runtime_audits(State(shared): Console, parameters: Parameters) -> Answer {
    list_or_null(page(&shared, Plane::Runtime, parameters)?)
}

pub(crate) async fn firewall_audits(State(shared): Console, parameters: Parameters) -> Answer {
    list_or_null(page(&shared, Plane::Firewall, parameters)?)
}

pub(crate) async fn incidents(State(shared): Console, parameters: Parameters) -> Answer {
    let query = pairs(parameters);
    let rows = shared.lock().audits.incidents();
    list_or_null(page_of(&query, query.select(rows)?)?)
}

pub(crate) async fn runtime_audits_csv(State(shared): Console, parameters: Parameters) -> Answer {
    let rows = pairs(parameters).select(rows(&shared, Plane::Runtime))?;
    csv("app_embedded_runtime_audits", runtime_csv(&rows))
}

pub(crate) async fn firewall_audits_csv(State(shared): Console, parameters: Parameters) -> Answer {
    let rows = pairs(parameters).select(rows(&shared, Plane::Firewall))?;
    csv("app_embedded_firewall_audits", firewall_csv(&rows))
}

pub(crate) async fn firewall_timeslice(State(shared): Console, parameters: Parameters) -> Answer {
    document(&timeslice(&pairs(parameters), rows(&shared, Plane::Firewall))?)
}
