//! Defenders, their names, image and summary; observations of their containers.

use super::{Console, Parameters, pairs};
use crate::audits::{Query, page_of};
use crate::policy::Refusal;
use crate::rest::answer::{Answer, csv, document, done};
use crate::state::Shared;
use axum::extract::{Path, State};
use proofhouse_protocol::Observation;
use serde_json::{Value, json};

/// Every record that is remembered now.
fn records(shared: &Shared) -> Vec<Value> {
    let mut inner = shared.lock();
    shared.forget_old_defenders(&mut inner);
    let collections = inner.policies.collections.typed();
    let policy = shared.policy.borrow().clone();
    inner
        .defenders
        .values()
        .map(|record| record.to_json(&collections, shared.config.link_port, &record.firewall_ports(&policy)))
        .collect()
}

/// The filters of `GET /defenders` that can tell Fargate Defenders apart.
fn filtered(shared: &Shared, query: &Query) -> Result<Vec<Value>, Refusal> {
    let mut rows = records(shared);
    for (parameter, member) in [("hostname", "hostname"), ("type", "type"), ("cluster", "cluster")] {
        let wanted = query.all(parameter);
        rows.retain(|row| {
            wanted.is_empty() || row[member].as_str().is_some_and(|value| wanted.contains(&value))
        });
    }
    for parameter in ["connected", "usingOldCA", "isARM64"] {
        if let Some(wanted) = query.flag(parameter)? {
            rows.retain(|row| row[parameter] == wanted);
        }
    }
    if let Some(latest) = query.flag("latest")? {
        let current = shared.version().to_string();
        rows.retain(|row| (row["version"] == current.as_str()) == latest);
    }
    Ok(rows)
}

pub(crate) async fn defenders(State(shared): Console, parameters: Parameters) -> Answer {
    let query = pairs(parameters);
    let rows = filtered(&shared, &query)?;
    document(&Value::Array(page_of(&query, rows)?))
}

/// Names and addresses under which Defenders may reach the Console.
pub(crate) async fn defender_names(State(shared): Console) -> Answer {
    document(&json!(shared.config.names))
}

/// A JSON string: the caller has to unquote it [DUMP, HATCH].
pub(crate) async fn image_name(State(shared): Console) -> Answer {
    document(&json!(shared.config.sidecar_image(shared.version())))
}

pub(crate) async fn defender_summary(State(shared): Console) -> Answer {
    let rows = records(&shared);
    let connected = rows.iter().filter(|row| row["connected"] == true).count();
    let categories =
        ["container", "host", "serverless", "appEmbedded", "hostAgentless", "containerAgentless"];
    let summary = categories.iter().map(|category| {
        let (connected, deployed) = if *category == "appEmbedded" { (connected, rows.len()) } else { (0, 0) };
        json!({"category": category, "connected": connected, "deployed": deployed, "licensed": 0})
    });
    document(&summary.collect())
}

pub(crate) async fn defenders_csv(State(shared): Console, parameters: Parameters) -> Answer {
    let rows = filtered(&shared, &pairs(parameters))?;
    let mut text = "Hostname,Type,Version,Connected,Cluster\r\n".to_owned();
    for row in rows {
        let cell = |member: &str| row[member].as_str().unwrap_or_default().replace([',', '"'], " ");
        text.push_str(&format!(
            "{},{},{},{},{}\r\n",
            cell("hostname"),
            cell("type"),
            cell("version"),
            row["connected"],
            cell("cluster")
        ));
    }
    csv("defenders", text)
}

/// Removes a record; a Defender that is still connected comes back with its next connection.
pub(crate) async fn remove_defender(State(shared): Console, Path(hostname): Path<String>) -> Answer {
    let mut inner = shared.lock();
    let Some(record) = inner.defenders.remove(&hostname) else {
        return Err(Refusal::unknown(format!("defender '{hostname}' does not exist")));
    };
    if let Some(session) = record.session {
        session.close.cancel();
        // Before another connection of the app can be told of.
        shared.tell(Observation::LinkClosed { app_id: hostname });
    }
    drop(inner);
    shared.changed();
    done()
}

pub(crate) async fn profiles(State(shared): Console, parameters: Parameters) -> Answer {
    let query = pairs(parameters);
    let mut rows: Vec<Value> = {
        let mut inner = shared.lock();
        shared.forget_old_defenders(&mut inner);
        let collections = inner.policies.collections.typed();
        inner.defenders.values().flat_map(|record| record.profiles(&collections)).collect()
    };
    for (parameter, member) in [
        ("id", "_id"),
        ("appID", "appID"),
        ("container", "container"),
        ("image", "image"),
        ("cluster", "cluster"),
        ("imageID", "imageID"),
    ] {
        let wanted = query.all(parameter);
        rows.retain(|row| {
            wanted.is_empty() || row[member].as_str().is_some_and(|value| wanted.contains(&value))
        });
    }
    document(&Value::Array(page_of(&query, rows)?))
}
