//! Observations: what anyone in the harness saw. They go into one append-only history, in one order.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// Who saw it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The runner: steps, stimuli, verdicts.
    Runner,
    /// The Console.
    Console,
    /// The VPC resolver.
    Resolver,
    /// The metadata and credentials service.
    Metadata,
    /// A host or client of the outside world, by name or address.
    Outside(String),
    /// The container engine.
    Engine,
    /// A container, by its name in the task definition.
    Container(String),
    /// The actor in a container.
    Actor(String),
}

/// How a DNS question travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

/// One thing that was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Observation {
    /// A REST call that the Console answered.
    ConsoleCall {
        /// Method.
        method: String,
        /// Path with query.
        path: String,
        /// Status.
        status: u16,
        /// User, if authenticated.
        user: Option<String>,
        /// The `err` text of a refusal.
        error: Option<String>,
    },
    /// A policy revision that the Console has now.
    PolicyRevision {
        /// Number.
        revision: u64,
        /// The `PolicyRevision` message.
        policy: Value,
    },
    /// The Defender decides by this revision now.
    PolicyApplied {
        /// Number.
        revision: u64,
    },
    /// The Defender refused a revision.
    PolicyRejected {
        /// Number.
        revision: u64,
        /// Why.
        error: String,
    },
    /// A Defender was let in.
    LinkConnected {
        /// App ID.
        app_id: String,
        /// Peer address, as the Console sees it.
        peer: String,
        /// Common name of the client certificate.
        certificate: String,
    },
    /// A connection that got nothing.
    LinkRefused {
        /// Peer address.
        peer: String,
        /// Why.
        error: String,
    },
    /// A Defender went.
    LinkClosed {
        /// App ID.
        app_id: String,
    },
    /// A container came under the Defender.
    Workload {
        /// Container.
        container: String,
        /// Image.
        image: String,
    },
    /// An audit arrived at the Console (first delivery only).
    Audit {
        /// `runtime` or `firewall`.
        plane: String,
        /// Sequence number on the link.
        sequence: u64,
        /// The audit as the Console stores it.
        audit: Value,
    },
    /// Sequence numbers that never came.
    AuditGap {
        /// Last number before the gap.
        after: u64,
        /// First number behind it.
        before: u64,
    },
    /// Counters of the Defender.
    Counters {
        /// Name to total.
        totals: Value,
    },
    /// A fence was sent or has come out.
    Fence {
        /// Id.
        id: String,
        /// `sent` or `passed`.
        phase: String,
        /// Containers that answered.
        containers: Vec<String>,
    },
    /// A question that reached the resolver (or any DNS server outside).
    DnsQuestion {
        /// Asker.
        client: String,
        /// Server address asked.
        server: String,
        /// Transport.
        transport: Transport,
        /// Name, lower case, without the final dot.
        name: String,
        /// `A`, `AAAA`, ...
        record: String,
        /// Addresses or response code answered.
        answer: String,
    },
    /// A connection from the task to somewhere outside.
    OutsideConnection {
        /// Client address.
        client: String,
        /// Server address.
        server: String,
        /// Transport.
        transport: Transport,
        /// Whether someone answered there.
        accepted: bool,
    },
    /// An HTTP request and its answer as a client outside saw it.
    HttpExchange {
        /// Client address.
        client: String,
        /// Server address.
        server: String,
        /// Method.
        method: String,
        /// Path and query, as sent.
        target: String,
        /// Request headers.
        request_headers: Vec<(String, String)>,
        /// Status; absent when no answer came.
        status: Option<u16>,
        /// Response headers.
        response_headers: Vec<(String, String)>,
        /// Start of the response body, as text.
        body: String,
        /// SHA-256 of the whole response body.
        body_sha256: String,
        /// Milliseconds.
        elapsed_ms: f64,
        /// What went wrong.
        error: Option<String>,
    },
    /// An HTTP request as the app saw it.
    AppRequest {
        /// Method.
        method: String,
        /// Path and query.
        target: String,
        /// The token header, if there was one. In JSON it is `token_header`: a recording has a `token` of its own.
        #[serde(rename = "token_header")]
        token: Option<String>,
        /// Status the app answered.
        status: Option<u16>,
    },
    /// A metadata or credentials request.
    MetadataRequest {
        /// Path.
        path: String,
        /// Status.
        status: u16,
    },
    /// A container changed.
    ContainerEvent {
        /// `created`, `started`, `healthy`, `unhealthy`, `signalled`, `exited`, `removed`.
        event: String,
        /// Exit code of `exited`.
        exit_code: Option<i64>,
        /// More, for people.
        detail: String,
    },
    /// The task changed.
    TaskState {
        /// `PROVISIONING` ... `STOPPED`.
        state: String,
        /// Stop code or reason.
        detail: String,
    },
    /// A line that a container wrote.
    Log {
        /// `stdout` or `stderr`.
        stream: String,
        /// The line.
        line: String,
    },
    /// Something the actor did, and what came back.
    Act {
        /// The request.
        request: Value,
        /// The result.
        result: Value,
    },
    /// A stimulus begins: what follows with this token was caused by it.
    Stimulus {
        /// For people.
        what: String,
    },
    /// A declared fault was switched on or off.
    Fault {
        /// Name.
        name: String,
        /// On or off.
        active: bool,
    },
    /// A step of a scenario.
    Step {
        /// `Given`, `When`, `Then`.
        keyword: String,
        /// Text.
        text: String,
        /// Its data table or doc string, as the feature has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        argument: Option<String>,
        /// `passed`, `failed`, `skipped`, `undefined`.
        status: String,
        /// Message of a failure.
        message: Option<String>,
        /// Milliseconds.
        elapsed_ms: f64,
    },
    /// What a checker concluded.
    Finding {
        /// Name of the checker.
        check: String,
        /// Whether it holds.
        holds: bool,
        /// `defender`, `evidence`, `environment`: who is to blame when it does not.
        blame: String,
        /// For people: expected, seen.
        message: String,
        /// Checker input, so that a recording can be judged again.
        expectation: Value,
    },
    /// Captured on a failure: process trees, sockets, policy, mounts.
    Capture {
        /// What.
        what: String,
        /// Text.
        text: String,
    },
    /// Anything else worth reading.
    Note {
        /// Text.
        text: String,
    },
    /// The run begins.
    RunBegan {
        /// What is tested by what, where: the header of the report.
        run: Value,
    },
    /// The run is over; without it the run was cut off.
    RunEnded {
        /// Whether someone stopped it before it had done everything.
        interrupted: bool,
    },
    /// An attempt at a scenario begins.
    ScenarioBegan {
        /// 1 for the first.
        attempt: u32,
        /// Title, requirements, level: what the report says of the scenario.
        meta: Value,
    },
    /// An attempt at a scenario is over.
    ScenarioEnded {
        /// As it began.
        attempt: u32,
    },
}

/// An observation with who saw it and what caused it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// Who saw it.
    pub source: Source,
    /// Token of the stimulus, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// What was seen.
    #[serde(flatten)]
    pub observation: Observation,
}

/// Where observations go. One order for all who share it.
pub trait Recorder: Send + Sync {
    /// Appends one recording; must not block for long, and must not fail.
    fn record(&self, recording: Recording);
}

/// A recorder that many own.
pub type SharedRecorder = Arc<dyn Recorder>;

/// Records an observation without a token.
pub fn record(recorder: &dyn Recorder, source: Source, observation: Observation) {
    recorder.record(Recording { source, token: None, observation });
}

/// A recorder that forgets everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Forget;

impl Recorder for Forget {
    fn record(&self, _recording: Recording) {}
}
