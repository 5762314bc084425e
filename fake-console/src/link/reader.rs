//! What a Defender says, in the order in which it says it.

use super::admit::Socket;
use super::registry::Ticket;
use super::said::Said;
use crate::audits::SentAudit;
use crate::faults::LinkFault;
use crate::state::Shared;
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use proofhouse_protocol::Observation;
use proofhouse_protocol::link::FromDefender;
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
        shared.faults.link_fault(LinkFault::StopReading, false).await;
        let next = tokio::select! {
            biased;
            () = shared.faults.link_fault(LinkFault::StopReading, true) => continue,
            next = timeout(shared.config.link_idle, stream.next()) => next,
        };
        let message = match next {
            Err(_) => {
                return Err(format!("nothing was said for {} seconds", shared.config.link_idle.as_secs()));
            }
            Ok(None | Some(Err(_)) | Some(Ok(Message::Close(_)))) => return Ok(()),
            Ok(Some(Ok(message))) => message,
        };
        match message {
            Message::Text(text) => {
                let said =
                    Said::read(&text).map_err(|error| format!("message is not understood: {error}"))?;
                match said {
                    Said::Audits(items) => store(shared, ticket, items, acks)?,
                    Said::Other(said) => hear(shared, ticket, *said)?,
                }
            }
            Message::Ping(_) | Message::Pong(_) => ticket.alive(),
            _ => return Err("binary messages are not understood".to_owned()),
        }
    }
}

/// Takes in one message.
fn hear(shared: &Shared, ticket: &Ticket, said: FromDefender) -> Result<(), String> {
    match said {
        FromDefender::Hello(_) => return Err("hello was said twice".to_owned()),
        FromDefender::Audits { .. } => unreachable!("audits are read as they were sent"),
        FromDefender::PolicyApplied { revision } => {
            known(shared, revision)?;
            ticket.update(|record| {
                record.applied = revision;
                Observation::PolicyApplied { revision }
            });
        }
        FromDefender::PolicyRejected { revision, error } => ticket.update(|record| {
            record.rejected = Some((revision, error.clone()));
            Observation::PolicyRejected { revision, error }
        }),
        FromDefender::Workload(workload) => ticket.update(|record| {
            let (container, image) = (workload.container.clone(), workload.image.clone());
            record.workloads.retain(|known| known.container != container);
            record.workloads.push(workload);
            Observation::Workload { container, image }
        }),
        FromDefender::Fence { id, containers, totals } => {
            fence(shared, ticket, &id, containers, totals);
            ticket.alive();
        }
        FromDefender::Counters { totals } => ticket.update(|record| {
            record.counters.clone_from(&totals);
            Observation::Counters { totals }
        }),
        FromDefender::Heartbeat => ticket.alive(),
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
fn store(
    shared: &Shared,
    ticket: &Ticket,
    items: Vec<SentAudit>,
    acks: &watch::Sender<u64>,
) -> Result<(), String> {
    if items.iter().any(|item| item.sequence == 0) {
        return Err("an audit has sequence number 0: numbers start at 1".to_owned());
    }
    let mut inner = shared.lock();
    let collections = inner.policies.collections.typed();
    let now = shared.now();
    let aggregate = shared.config.aggregation;
    for item in items {
        let delivery =
            inner.audits.deliver(&ticket.app_id, &ticket.incarnation, item, &collections, aggregate, now);
        delivery.into_iter().for_each(|observation| shared.tell(observation));
    }
    let through = inner.audits.through(&ticket.app_id, &ticket.incarnation);
    drop(inner);
    acks.send_replace(through);
    ticket.alive();
    Ok(())
}

/// A fence has come out of one Defender; when it was the last, it has passed.
fn fence(shared: &Shared, ticket: &Ticket, id: &str, containers: Vec<String>, totals: BTreeMap<String, u64>) {
    let mut inner = shared.lock();
    if !ticket.speaks(&inner) {
        return;
    }
    let Some(pending) = inner.fences.get_mut(id) else { return };
    if !pending.waiting.remove(&ticket.app_id) {
        return;
    }
    pending.passed.insert(ticket.app_id.clone(), containers);
    for (name, total) in totals {
        *pending.totals.entry(name).or_default() += total;
    }
    if pending.waiting.is_empty() {
        let containers = pending.passed.values().flatten().cloned().collect();
        let totals = pending.totals.clone();
        shared.tell(Observation::Fence {
            pipeline: Pipeline::Audits,
            id: id.to_owned(),
            phase: FencePhase::Passed,
            containers,
            totals,
        });
    }
}
