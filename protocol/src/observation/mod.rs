//! Observations: what anyone in the harness saw. They go into one append-only history, in one order.

mod body;
mod facts;
mod pipeline;
mod record;
mod words;

pub use body::{Body, KEPT, sha256};
pub use facts::{
    ContainerFacts, FileKind, Found, LimitFact, MadeFacts, MountFact, Rejection, TlsSession, Validation,
};
pub use pipeline::{FencePhase, Pipeline};
pub use record::{Forget, Recorder, Recording, SharedRecorder, record};
pub use words::{
    Blame, ContainerHappening, DefinitionRole, LogStream, Plane, ProblemKind, Source, StepStatus, TaskKind,
    Transport,
};

use crate::actor;
use crate::embed::EmbedNames;
use crate::task::{TaskRecord, TaskStatus};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

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
    /// An answer of the Console's API, as its user got it.
    ConsoleAnswer {
        /// User.
        user: String,
        /// Method.
        method: String,
        /// Path below `/api/v1`, with query.
        path: String,
        /// The document that was sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sent: Option<Value>,
        /// Status.
        status: u16,
        /// Body of the answer.
        body: Body,
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
        /// Kind.
        plane: Plane,
        /// Sequence number on the link.
        sequence: u64,
        /// The audit as it was sent, with what the Console adds laid over it.
        audit: Value,
    },
    /// The Console wrote a line to its syslog.
    SyslogLine {
        /// Without the header that a transport puts before it.
        line: String,
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
        totals: BTreeMap<String, u64>,
    },
    /// A firewall told what it learned of APIs.
    DiscoveredApis {
        /// App ID of the Defender.
        app_id: String,
        /// As they came.
        apis: Vec<Value>,
    },
    /// A firewall told what it has counted.
    MonitoringStats {
        /// App ID of the Defender.
        app_id: String,
        /// Number of the reset since which it counts.
        reset: u64,
        /// As they came.
        stats: Value,
    },
    /// A fence was sent or has come out.
    Fence {
        /// The way that it goes.
        pipeline: Pipeline,
        /// Id. Where the pipeline carries names or paths, it stands in them.
        id: String,
        /// How far it is.
        phase: FencePhase,
        /// Containers that answered, of a fence of the audits.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        containers: Vec<String>,
        /// The Defender's counters when it answered, of a fence of the audits.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        totals: BTreeMap<String, u64>,
    },
    /// Evidence was lost.
    Lost {
        /// On which way.
        pipeline: Pipeline,
        /// How many; 0 where nobody could count.
        count: u64,
        /// Where and why.
        why: String,
    },
    /// A limit of the harness passed before what it waited for came.
    LimitPassed {
        /// What was waited for.
        what: String,
        /// Milliseconds.
        limit_ms: u64,
        /// What was there instead.
        seen: String,
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
        /// Response body.
        body: Body,
        /// Milliseconds.
        elapsed_ms: f64,
        /// What went wrong.
        error: Option<String>,
        /// Whether it was given up because nothing, or not all, came in time.
        #[serde(default)]
        timed_out: bool,
        /// What was agreed on, where the client encrypted the connection.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tls: Option<TlsSession>,
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
    /// A request of the task as a stubbed service received it.
    ServiceRequest {
        /// Method.
        method: String,
        /// Path and query.
        target: String,
        /// The token header, if there was one.
        #[serde(rename = "token_header")]
        token: Option<String>,
        /// Body.
        body: Body,
    },
    /// A metadata or credentials request.
    MetadataRequest {
        /// Path.
        path: String,
        /// Status.
        status: u16,
        /// The document that was answered.
        #[serde(default)]
        body: Body,
    },
    /// A container changed.
    ContainerEvent {
        /// What happened to it.
        event: ContainerHappening,
        /// Exit code of `exited`.
        exit_code: Option<i64>,
        /// More, for people.
        detail: String,
    },
    /// A task begins: what follows is of this one.
    TaskBegan {
        /// Task id.
        task: String,
        /// Bare or protected.
        run: TaskKind,
        /// Its containers, the sidecar included.
        containers: Vec<String>,
    },
    /// The task changed.
    TaskState {
        /// `lastStatus`.
        state: TaskStatus,
        /// Stop code or reason.
        detail: String,
    },
    /// The task's record, whenever it has changed.
    TaskRecord {
        /// The whole record.
        record: Box<TaskRecord>,
    },
    /// A container as the plan means it and as the engine has it.
    Inspected {
        /// As planned, where the plan says something.
        planned: ContainerFacts,
        /// As the engine has it.
        engine: ContainerFacts,
    },
    /// Someone looked at a path in a container.
    Looked {
        /// Path.
        path: String,
        /// What is there; none where nothing is.
        found: Option<Found>,
    },
    /// A program that was started from outside a container's tree, as ECS Exec does.
    ExecutedFromOutside {
        /// Program and arguments.
        argv: Vec<String>,
        /// Exit code.
        code: i64,
    },
    /// A version of the scenario's task definition.
    Definition {
        /// Which.
        role: DefinitionRole,
        /// The document.
        document: Value,
    },
    /// What the simulated Fargate says to a definition.
    Validated {
        /// What was changed in the definition for this question, where many are asked.
        variant: String,
        /// What it says.
        validation: Validation,
    },
    /// What would be created for a definition, without the time.
    Planned {
        /// Of which.
        role: DefinitionRole,
        /// The plan.
        plan: Value,
        /// Milliseconds from SIGTERM to SIGKILL by container.
        stop_timeouts_ms: BTreeMap<String, u64>,
    },
    /// What is on the engine of a scenario.
    Remains {
        /// Names of containers and volumes with the scenario's label.
        labelled: Vec<String>,
        /// Names of volumes that the removed task had without a label.
        unlabelled: Vec<String>,
        /// How many volumes the task had.
        had: usize,
    },
    /// What someone without a bundle of this Console heard at the Defender link.
    StrangerHeard {
        /// Types of the messages.
        messages: Vec<String>,
    },
    /// A line that a container wrote.
    Log {
        /// Which output.
        stream: LogStream,
        /// The line.
        line: String,
    },
    /// Something the actor did, and what came back.
    Act {
        /// The request.
        request: Box<actor::Request>,
        /// The result.
        result: Box<actor::Reply>,
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
        /// How it ended.
        status: StepStatus,
        /// Message of a failure.
        message: Option<String>,
        /// Milliseconds.
        elapsed_ms: f64,
    },
    /// A check that a step made, on everything before it in the scenario. What it concludes is never recorded: whoever reads the
    /// history makes it again.
    Check {
        /// The step that made it, counted from 0; absent behind the last one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<usize>,
        /// The check with its input.
        check: Value,
    },
    /// Something is wrong with the run as a whole.
    Problem {
        /// What kind of problem.
        problem: ProblemKind,
        /// For people.
        text: String,
    },
    /// Captured on a failure: process trees, sockets, policy, mounts.
    Capture {
        /// What.
        what: String,
        /// Text.
        text: String,
        /// Lines that were left out at the beginning.
        #[serde(default)]
        left_out: u64,
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
        /// What the Console of the scenario embeds is called; left out where it is as published.
        #[serde(default, skip_serializing_if = "EmbedNames::is_published")]
        embed: EmbedNames,
    },
    /// An attempt at a scenario is over.
    ScenarioEnded {
        /// As it began.
        attempt: u32,
    },
}
