//! Requests through the firewall of a task that is tried in.

use super::field::{COLLECTIONS, FENCE_LIMIT, Field, ensure};
use super::task::CONTAINERS;
use crate::rig::RigError;
use proofhouse_generators::{ODD_ANSWERS, PORTS, Trial, Visit, What, Wire};
use proofhouse_harness::services::{Client, Exchange, HttpRequest, Session};
use proofhouse_protocol::actor::{OwnAnswer, Reply, Request};
use proofhouse_protocol::observation::{Observation, Pipeline};
use proofhouse_protocol::{Recorder as _, Recording, Source, WaasPolicy};
use proofhouse_reports::checks::{self, Asked};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::Ordering;

const FIREWALL: &str = "/policies/firewall/app/app-embedded";

/// A client that asks for nothing in particular.
const BYSTANDER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 250));

/// What the app answers to requests of some paths.
fn own_answers() -> impl Iterator<Item = (&'static str, OwnAnswer)> {
    ODD_ANSWERS.iter().map(|odd| {
        let headers = odd.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let answer = OwnAnswer { status: odd.status, headers: headers.collect(), body: odd.body.to_owned() };
        (odd.path, answer)
    })
}

/// Requests of a trial, as the check needs to know them.
pub(super) fn visited(trial: &Trial) -> Option<checks::Visit> {
    let What::Visit(visit) = &trial.what else { return None };
    let own = |path: &str| own_answers().find(|(of, _)| *of == path).map(|(_, answer)| answer);
    let requests = visit.sent().map(|sent| Asked { own: own(sent.path()), sent }).collect();
    Some(checks::Visit { token: trial.token.clone(), requests })
}

impl Field<'_> {
    /// Has the app answer some paths with something of its own.
    pub(super) async fn prepare_answers(&self, token: &str) -> Result<(), RigError> {
        let container = CONTAINERS[0];
        for (path, answer) in own_answers() {
            let request = Request::Answer { path: path.to_owned(), answer };
            match self.rig.task()?.act(container, &request, Some(token)).await? {
                Reply::Done => {}
                other => {
                    let why = format!("it does not answer {path} so: {other:?}");
                    return Err(RigError::Actor { container: container.to_owned(), why });
                }
            }
        }
        Ok(())
    }

    /// Gives the Console a policy of the firewall, with the collections, network lists and custom rules that it names.
    pub(super) async fn put_firewall(&self, policy: &WaasPolicy) -> Result<(), RigError> {
        let mut policy = policy.clone();
        ensure(self.rig, policy.rules.iter_mut().flat_map(|rule| &mut rule.collections)).await?;
        for list in std::mem::take(&mut policy.network_lists) {
            self.rig.ensure_network_list(&json!(list)).await?;
        }
        for rule in std::mem::take(&mut policy.custom_rules) {
            self.rig
                .client()
                .demand("PUT", &format!("/custom-rules/{}", rule.id), Some(&json!(rule)))
                .await?;
        }
        self.rig.client().demand("PUT", FIREWALL, Some(&json!(policy))).await?;
        Ok(())
    }

    /// Sends what a client asks for, one request after the other.
    pub(super) async fn visit(&self, token: &str, visit: &Visit) -> Result<(), RigError> {
        let task = self.rig.task()?;
        let client = task.client(visit.peer());
        let mut connections = BTreeMap::new();
        for (number, (ask, wire)) in visit.asks.iter().zip(visit.wires()).enumerate() {
            let token = Visit::token(token, number);
            let what = format!("a client at {} requests {} {}", visit.peer(), wire.method, wire.target);
            let stimulus = Observation::Stimulus { what };
            self.watch.record(Recording {
                source: Source::Runner,
                token: Some(token.clone()),
                observation: stimulus,
            });
            if self.is_stuck() {
                return Ok(());
            }
            let server = task.surroundings().address_of(ask.port);
            let request = request(wire, token);
            if visit.kept {
                send(&client, server, &request, &mut connections).await;
            } else {
                client.request(server, &request).await;
            }
        }
        Ok(())
    }

    /// A request that nothing is held against, behind all others on each port.
    pub(super) async fn fence_requests(&self) -> Result<(), RigError> {
        for port in PORTS {
            let pipeline = Pipeline::AppRequests { port };
            let id = format!("fence-{port}-{}", COLLECTIONS.fetch_add(1, Ordering::Relaxed));
            self.watch.fence_goes_in(&pipeline, &id);
            let mut request = HttpRequest::new("GET", "/");
            request.token = Some(id.clone());
            self.rig.task()?.request(BYSTANDER, port, &request).await;
            self.watch.fence_comes_out(&id, FENCE_LIMIT).await;
        }
        Ok(())
    }
}

fn request(wire: Wire, token: String) -> HttpRequest {
    let mut request = HttpRequest::new(wire.method, wire.target);
    request.headers = wire.headers;
    request.body = wire.body.into();
    request.token = Some(token);
    request
}

/// Sends a request on a connection that is kept for the next one. One that the server has ended meanwhile is made anew, as every client does.
async fn send(
    client: &Client,
    server: SocketAddr,
    request: &HttpRequest,
    connections: &mut BTreeMap<u16, Session>,
) {
    if let Some(mut kept) = connections.remove(&server.port()) {
        let exchange = kept.request(request).await;
        if exchange.status.is_some() || exchange.timed_out {
            keep(kept, &exchange, connections, server.port());
            return;
        }
    }
    match client.open(server).await {
        Ok(mut fresh) => {
            let exchange = fresh.request(request).await;
            keep(fresh, &exchange, connections, server.port());
        }
        // It fails again, and is recorded.
        Err(_) => _ = client.request(server, request).await,
    }
}

fn keep(connection: Session, exchange: &Exchange, connections: &mut BTreeMap<u16, Session>, port: u16) {
    let closes = exchange.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    if exchange.error.is_none() && !closes {
        connections.insert(port, connection);
    }
}
