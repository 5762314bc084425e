//! What a Defender says, in the order in which it says it.

use super::incoming::Incoming;
use super::registry::Ticket;
use super::said::Said;
use crate::audits::SentAudit;
use crate::defenders::{Command, Counted, Record};
use crate::faults::LinkFault;
use crate::fences::FenceAnswer;
use crate::state::Shared;
use proofhouse_protocol::link::FromDefender;
use proofhouse_protocol::{DiscoveredApi, Observation};
use std::sync::atomic::Ordering;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

/// Reads until the connection ends. An error is a breach of the protocol, which the Defender is told.
pub(super) async fn read<IO>(
    shared: &Shared,
    ticket: &Ticket,
    mut incoming: Incoming<IO>,
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
            next = timeout(shared.config.link_idle, incoming.next()) => next,
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
            fence(shared, ticket, &id, FenceAnswer { containers, totals });
        }
        FromDefender::Counters { totals } => ticket.update(|record| {
            record.counters.clone_from(&totals);
            Observation::Counters { totals }
        }),
        FromDefender::DiscoveredApis { report, apis } => discovered(shared, ticket, report, apis),
        FromDefender::MonitoringStats { report, reset, stats } => {
            let (now, commands) = (shared.now(), ticket.commands());
            ticket.update(|record| {
                // What was counted before a reset is gone.
                if reset >= record.counted.reset {
                    record.counted = Counted { reset, stats: (*stats).clone(), told: Some(now) };
                }
                let app_id = record.hello.app_id.clone();
                // A writer that is gone has no Defender to say it to.
                let _ = commands.send(Command::Noted(report));
                Observation::MonitoringStats { app_id, reset, stats: serde_json::json!(stats) }
            });
        }
        FromDefender::ClockSet { ahead } => ticket.clock_set(ahead),
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
    let aggregate = shared.aggregation.load(Ordering::Relaxed);
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

/// Keeps what a firewall has learned, and says so.
fn discovered(shared: &Shared, ticket: &Ticket, report: u64, apis: Vec<DiscoveredApi>) {
    let mut inner = shared.lock();
    // A connection whose place another one has taken says it again on that one.
    if ticket.speaks(&inner) {
        let now = shared.now();
        let images = inner.defenders.get(&ticket.app_id).map(Record::images).unwrap_or_default();
        let told = apis.iter().map(|api| serde_json::json!(api)).collect();
        inner.discovered.add(&images, apis, now);
        shared.tell(Observation::DiscoveredApis { app_id: ticket.app_id.clone(), apis: told });
        // A writer that is gone has no Defender to say it to.
        let _ = ticket.commands().send(Command::Noted(report));
    }
    drop(inner);
    ticket.alive();
}

/// A fence has come out of one Defender.
fn fence(shared: &Shared, ticket: &Ticket, id: &str, answer: FenceAnswer) {
    let mut inner = shared.lock();
    // A connection whose place another one has taken proves nothing of that one.
    if ticket.speaks(&inner) {
        let inner = &mut *inner;
        let record = inner.defenders.get_mut(&ticket.app_id).filter(|_| !answer.totals.is_empty());
        if let Some(record) = record {
            record.counters.clone_from(&answer.totals);
        }
        let passed = inner.fences.get_mut(id).and_then(|fence| fence.answer(id, &ticket.app_id, answer));
        passed.into_iter().for_each(|observation| shared.tell(observation));
    }
    drop(inner);
    ticket.alive();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::Authority;
    use crate::config::ConsoleConfig;
    use crate::fences::PendingFence;
    use proofhouse_protocol::link::{CloudMetadata, Hello, VERSION, Workload};
    use proofhouse_protocol::{Recorder, Recording};
    use std::sync::{Arc, Mutex};

    #[derive(Default)]
    struct Kept(Mutex<Vec<Observation>>);

    impl Recorder for Kept {
        fn record(&self, recording: Recording) {
            self.0.lock().unwrap().push(recording.observation);
        }
    }

    fn hello(incarnation: &str) -> Hello {
        Hello {
            protocol: VERSION,
            version: "34.04.145".into(),
            defender_type: "fargate".into(),
            app_id: "shop:1".into(),
            incarnation: incarnation.into(),
            cloud: CloudMetadata::default(),
            features: Vec::new(),
            revision: 0,
        }
    }

    #[test]
    fn a_connection_whose_place_was_taken_speaks_for_nobody() {
        let kept = Arc::new(Kept::default());
        let config = ConsoleConfig { recorder: kept.clone(), ..ConsoleConfig::default() };
        let shared = Arc::new(Shared::new(config, Authority::generate().unwrap()).unwrap());
        let take = |incarnation| Ticket::take(&shared, hello(incarnation), "peer".into(), "cert".into()).0;
        let (older, newer) = (take("first"), take("second"));
        shared.lock().fences.insert("f".into(), PendingFence::sent(["shop:1".to_owned()].into()));
        let told = kept.0.lock().unwrap().len();

        let answer =
            |total| FenceAnswer { containers: Vec::new(), totals: [("audits".to_owned(), total)].into() };
        let workload = Workload { container: "c".into(), image: "i".into(), start_time: "t".into() };
        fence(&shared, &older, "f", answer(1));
        hear(&shared, &older, FromDefender::PolicyApplied { revision: 1 }).unwrap();
        hear(&shared, &older, FromDefender::Workload(workload)).unwrap();
        hear(&shared, &older, FromDefender::Counters { totals: [("audits".to_owned(), 1)].into() }).unwrap();
        assert_eq!(kept.0.lock().unwrap().len(), told);
        {
            let inner = shared.lock();
            let record = &inner.defenders["shop:1"];
            assert_eq!((record.applied, record.workloads.len(), record.counters.len()), (0, 0, 0));
            assert_eq!(inner.fences["f"].waiting.len(), 1);
        }

        fence(&shared, &newer, "f", answer(2));
        assert_eq!(shared.lock().defenders["shop:1"].counters["audits"], 2);
        assert!(matches!(&kept.0.lock().unwrap()[told..], [Observation::Fence { .. }]));
    }
}
