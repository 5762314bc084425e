//! What a Defender says, in the order in which it says it.

use super::admit::Socket;
use super::registry::Ticket;
use crate::state::Shared;
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use proofhouse_protocol::Observation;
use proofhouse_protocol::link::{FromDefender, SequencedAudit};
use proofhouse_protocol::observation::{FencePhase, Pipeline};
use std::collections::BTreeMap;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

/// Reads until the connection ends. An error is a breach of the protocol, which the Defender is told.
pub(super) async fn read<IO>(
    shared: &Shared,
    ticket: &Ticket,
    mut stream: SplitStream<Socket<IO>>,
    acks: &watch::Sender<u64>,
) -> Result<(), String>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        let message = match timeout(shared.config.link_idle, stream.next()).await {
            Err(_) => {
                return Err(format!("nothing was said for {} seconds", shared.config.link_idle.as_secs()));
            }
            Ok(None | Some(Err(_)) | Some(Ok(Message::Close(_)))) => return Ok(()),
            Ok(Some(Ok(message))) => message,
        };
        match message {
            Message::Text(text) => {
                let said = serde_json::from_str(&text)
                    .map_err(|error| format!("message is not understood: {error}"))?;
                hear(shared, ticket, said, acks)?;
            }
            Message::Ping(_) | Message::Pong(_) => ticket.update(|_| {}),
            _ => return Err("binary messages are not understood".to_owned()),
        }
    }
}

/// Takes in one message. What changes comes before the observation of it: who has seen the one finds the other in the API.
fn hear(
    shared: &Shared,
    ticket: &Ticket,
    said: FromDefender,
    acks: &watch::Sender<u64>,
) -> Result<(), String> {
    match said {
        FromDefender::Hello(_) => return Err("hello was said twice".to_owned()),
        FromDefender::PolicyApplied { revision } => {
            known(shared, revision)?;
            ticket.update(|record| record.applied = revision);
            shared.tell(Observation::PolicyApplied { revision });
        }
        FromDefender::PolicyRejected { revision, error } => {
            ticket.update(|record| record.rejected = Some((revision, error.clone())));
            shared.tell(Observation::PolicyRejected { revision, error });
        }
        FromDefender::Workload(workload) => {
            let seen = Observation::Workload {
                container: workload.container.clone(),
                image: workload.image.clone(),
            };
            ticket.update(|record| {
                record.workloads.retain(|known| known.container != workload.container);
                record.workloads.push(workload);
            });
            shared.tell(seen);
        }
        FromDefender::Audits { items } => {
            if items.iter().any(|item| item.sequence == 0) {
                return Err("an audit has sequence number 0: numbers start at 1".to_owned());
            }
            store(shared, ticket, items, acks);
            ticket.update(|_| {});
        }
        FromDefender::Fence { id, containers } => {
            fence(shared, ticket, &id, containers);
            ticket.update(|_| {});
        }
        FromDefender::Counters { totals } => {
            ticket.update(|record| record.counters.clone_from(&totals));
            shared.tell(Observation::Counters { totals });
        }
        FromDefender::Heartbeat => ticket.update(|_| {}),
    }
    Ok(())
}

fn known(shared: &Shared, revision: u64) -> Result<(), String> {
    let current = shared.policy.borrow().revision;
    if revision > current {
        return Err(format!("revision {revision} was never sent: the newest is {current}"));
    }
    Ok(())
}

/// Stores, records and acknowledges; a repetition is acknowledged again and nothing else.
fn store(shared: &Shared, ticket: &Ticket, items: Vec<SequencedAudit>, acks: &watch::Sender<u64>) {
    let mut inner = shared.lock();
    let collections = inner.policies.collections.typed();
    let now = shared.now();
    let aggregate = shared.config.aggregation;
    for item in items {
        let delivery =
            inner.audits.deliver(&ticket.app_id, &ticket.incarnation, item, &collections, aggregate, now);
        if let Some(gap) = delivery.gap {
            shared.tell(Observation::AuditGap { after: gap.after, before: gap.before });
        }
        if let Some(stored) = delivery.stored {
            shared.tell(Observation::Audit {
                plane: stored.plane,
                sequence: stored.sequence,
                audit: stored.audit,
            });
        }
    }
    let through = inner.audits.through(&ticket.app_id, &ticket.incarnation);
    drop(inner);
    acks.send_replace(through);
}

/// A fence has come out of one Defender; when it was the last, it has passed.
fn fence(shared: &Shared, ticket: &Ticket, id: &str, containers: Vec<String>) {
    let mut inner = shared.lock();
    let Some(pending) = inner.fences.get_mut(id) else { return };
    if !pending.waiting.remove(&ticket.app_id) {
        return;
    }
    pending.passed.insert(ticket.app_id.clone(), containers);
    if pending.waiting.is_empty() {
        let containers = pending.passed.values().flatten().cloned().collect();
        shared.tell(Observation::Fence {
            pipeline: Pipeline::Audits,
            id: id.to_owned(),
            phase: FencePhase::Passed,
            containers,
            totals: BTreeMap::new(),
        });
    }
}
