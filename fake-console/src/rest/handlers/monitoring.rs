//! What firewalls have counted.

use super::{Console, Parameters, pairs};
use crate::audits::page_of;
use crate::defenders::Command;
use crate::policy::Refusal;
use crate::rest::answer::{Answer, document, done, list_or_null};
use axum::extract::{Path, State};
use proofhouse_protocol::MonitoringStats;
use serde_json::{Value, json};

/// A row for each Defender with a firewall that is remembered; `null` if there is none.
pub(crate) async fn monitoring_stats(State(shared): Console, parameters: Parameters) -> Answer {
    let query = pairs(parameters);
    let rows: Vec<Value> = {
        let mut inner = shared.lock();
        shared.forget_old_defenders(&mut inner);
        inner
            .defenders
            .values()
            .filter(|record| record.counted.told.is_some())
            .map(|record| record.monitoring())
            .collect()
    };
    list_or_null(page_of(&query, query.select(rows)?)?)
}

/// Counts from 0 on, here at once and in the Defender as soon as it hears of it.
pub(crate) async fn reset_monitoring_stats(State(shared): Console, Path(app_id): Path<String>) -> Answer {
    let mut inner = shared.lock();
    let Some(record) = inner.defenders.get_mut(&app_id) else {
        return Err(Refusal::unknown(format!("defender '{app_id}' does not exist")));
    };
    record.counted.reset += 1;
    record.counted.stats = MonitoringStats::default();
    if let Some(session) = &record.session {
        // A link that is just ending hears of it when it comes back.
        let _ = session.commands.send(Command::ResetMonitoringStats(record.counted.reset));
    }
    drop(inner);
    shared.changed();
    done()
}

/// Connected Defenders whose firewall has a port to protect.
pub(crate) async fn firewall_count(State(shared): Console) -> Answer {
    let inner = shared.lock();
    let policy = shared.policy.borrow().clone();
    let protecting = inner
        .defenders
        .values()
        .filter(|record| record.session.is_some() && !record.firewall_ports(&policy).is_empty());
    document(&json!(protecting.count()))
}
