//! The one owner of the sidecar's state: everything that happens is an event in one queue, so order is never in doubt.

use super::admission::{Peer, Refusal};
use super::door::Door;
use super::fences::Fences;
use super::outgoing::Outgoing;
use super::reports::Reports;
use super::spool::Spool;
use super::totals::Totals;
use super::wrappers::{Connection, Wrappers};
use crate::VERSION;
use crate::hub::{Attach, FromSidecar, ToSidecar};
use proofhouse_protocol::link::{
    self, CloudMetadata, FromConsole, FromDefender, Hello, LinkAudit, PolicyRevision,
};
use proofhouse_protocol::{DiscoveredApi, FirewallAudit, MonitoringStats, RuntimeAudit};
use proofhouse_waas::Waas;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::{Instant, interval, sleep_until};

/// How long apps wait for a Console that does not give a policy. Then they start without one (declared choice).
const WITHOUT_CONSOLE: Duration = Duration::from_secs(5);

/// How long a stop may be held up by audits that are on their way.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How often it is looked whether something is due by the firewall's clock.
const LOOK: Duration = Duration::from_secs(1);

/// APIs of one report, at most.
const APIS_AT_ONCE: usize = 100;

/// Anything that happens to the sidecar.
#[derive(Debug)]
pub enum Event {
    /// A wrapper introduced itself.
    Attached {
        /// On which connection.
        connection: Connection,
        /// What it says of itself.
        attach: Attach,
        /// What the kernel says.
        peer: Peer,
        /// To it; the connection ends when this is dropped.
        lines: Sender<FromSidecar>,
        /// Whether it is let in.
        admit: oneshot::Sender<Result<(), Refusal>>,
    },
    /// A wrapper said something; with the room that the line takes until it is handled.
    Said(Connection, ToSidecar, OwnedSemaphorePermit),
    /// A wrapper is gone.
    Gone(Connection),
    /// The health check asks.
    HealthAsked(oneshot::Sender<(bool, String)>),
    /// There is a connection to the Console; what is sent here goes out in order.
    LinkUp(Sender<FromDefender>),
    /// There is none any more.
    LinkDown,
    /// The Console said something.
    Console(FromConsole),
    /// The Console sent a policy that cannot be read; its revision, if at least that could.
    Unreadable(u64, String),
    /// WAAS has taken a revision, or has not.
    WaasApplied(Arc<PolicyRevision>, Result<(), String>),
    /// A fence came out of WAAS.
    WaasFlushed(String),
    /// The task stops.
    Stop,
}

/// Who the task is.
#[derive(Debug, Clone)]
pub struct Task {
    /// `<family>:<task id>`.
    pub app_id: String,
    /// Where it runs.
    pub cloud: CloudMetadata,
    /// New at each start.
    pub incarnation: String,
    /// Whether it was embedded with file system monitoring.
    pub monitors_files: bool,
}

/// State of the sidecar.
pub struct Core {
    task: Task,
    events: Sender<Event>,
    waas: Arc<Waas>,
    door: Arc<Door>,
    wrappers: Wrappers,
    fences: Fences,
    spool: Spool,
    reports: Reports,
    link: Option<Outgoing>,
    links: u64,
    /// In force in WAAS, and sent to every wrapper.
    current: Option<Arc<PolicyRevision>>,
    /// On its way into WAAS.
    applying: bool,
    /// Came meanwhile.
    next: Option<Arc<PolicyRevision>>,
    /// To be reported as applied when the last wrapper says so.
    unreported: Option<u64>,
    /// The Console had its time; apps may start without a policy.
    overdue: bool,
    reported_drops: u64,
}

/// What is enforced, in the words of the link.
fn features(monitors_files: bool) -> Vec<String> {
    let all = ["processes", "dns", "network", "waas", "filesystem"];
    all.into_iter().filter(|word| monitors_files || *word != "filesystem").map(str::to_owned).collect()
}

impl Core {
    /// A sidecar that has just started.
    #[must_use]
    pub fn new(task: Task, events: Sender<Event>, waas: Arc<Waas>, door: Arc<Door>) -> Self {
        Self {
            wrappers: Wrappers::new(task.app_id.clone(), task.monitors_files),
            task,
            events,
            waas,
            door,
            fences: Fences::default(),
            spool: Spool::default(),
            reports: Reports::default(),
            link: None,
            links: 0,
            current: None,
            applying: false,
            next: None,
            unreported: None,
            overdue: false,
            reported_drops: 0,
        }
    }

    /// Lives until the task stops.
    pub async fn run(mut self, mut queue: Receiver<Event>, mut firewall: Receiver<FirewallAudit>) {
        let patience = sleep_until(Instant::now() + WITHOUT_CONSOLE);
        tokio::pin!(patience);
        let mut look = interval(LOOK);
        loop {
            tokio::select! {
                event = queue.recv() => match event {
                    None | Some(Event::Stop) => break,
                    Some(Event::WaasFlushed(id)) => {
                        // What was decided before is in the channel by now, but not yet with us.
                        self.drain(&mut firewall);
                        self.fences.waas_done(&id);
                    }
                    Some(event) => self.handle(event),
                },
                Some(audit) = firewall.recv() => self.spool.push(LinkAudit::Firewall(Box::new(audit))),
                () = room(self.link.as_ref(), &self.spool) => {}
                () = until(self.wrappers.deadline()) => {}
                _ = look.tick() => self.report(Waas::discovered_if_due, Waas::statistics_if_due),
                () = &mut patience, if !self.overdue => {
                    self.overdue = true;
                    if self.current.is_none() {
                        self.wrappers.broadcast_policy(None);
                    }
                }
            }
            self.let_go_of_stalled();
            self.send_passed_fences();
            self.send_applied();
            self.send_audits();
        }
        self.finish(queue, firewall).await;
    }

    /// The last audits and reports, for at most [`LAST_WORDS`].
    async fn finish(mut self, mut queue: Receiver<Event>, mut firewall: Receiver<FirewallAudit>) {
        let deadline = Instant::now() + LAST_WORDS;
        let waas = Arc::clone(&self.waas);
        let _ = tokio::time::timeout_at(deadline, waas.flush()).await;
        self.drain(&mut firewall);
        self.report(Waas::discovered, Waas::changed_statistics);
        self.send_audits();
        while self.link.is_some() && !(self.spool.is_empty() && self.reports.is_empty()) {
            match tokio::time::timeout_at(deadline, queue.recv()).await {
                Ok(Some(event)) => self.handle(event),
                Ok(None) | Err(_) => return,
            }
            self.send_audits();
        }
    }

    fn drain(&mut self, firewall: &mut Receiver<FirewallAudit>) {
        while let Ok(audit) = firewall.try_recv() {
            self.spool.push(LinkAudit::Firewall(Box::new(audit)));
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Attached { connection, attach, peer, lines, admit } => {
                let result = self.attached(connection, attach, peer, lines);
                let _ = admit.send(result);
            }
            Event::Said(connection, message, _room) => self.said(connection, message),
            Event::Gone(connection) => {
                self.wrappers.detach(connection);
                self.fences.wrapper_gone(connection);
            }
            Event::HealthAsked(tell) => {
                let _ = tell.send(self.health());
            }
            Event::LinkUp(link) => self.link_up(link),
            Event::LinkDown => {
                self.link = None;
                self.fences.clear();
            }
            Event::Console(message) => self.console(message),
            Event::Unreadable(revision, error) => self.say(FromDefender::PolicyRejected { revision, error }),
            Event::WaasApplied(revision, result) => self.waas_applied(revision, result),
            Event::WaasFlushed(_) | Event::Stop => {}
        }
    }

    fn say(&mut self, message: FromDefender) {
        self.say_behind(0, message);
    }

    /// Says something behind the audits up to a number.
    fn say_behind(&mut self, after: u64, message: FromDefender) {
        if let Some(link) = &mut self.link
            && !link.say(after, message)
        {
            // Its Console does not read. The link will come again, with all that is not acknowledged.
            self.link = None;
        }
    }

    fn attached(
        &mut self,
        connection: Connection,
        attach: Attach,
        peer: Peer,
        lines: Sender<FromSidecar>,
    ) -> Result<(), Refusal> {
        let displaced = self.wrappers.attach(connection, attach, peer, lines)?;
        displaced.into_iter().for_each(|former| self.fences.wrapper_gone(former));
        if self.current.is_some() || self.overdue {
            self.wrappers.send_policy(connection, self.current.as_deref());
        }
        if let Some(workload) = self.wrappers.workload(connection) {
            self.say(FromDefender::Workload(workload));
        }
        Ok(())
    }

    fn let_go_of_stalled(&mut self) {
        for connection in self.wrappers.take_stalled() {
            self.fences.wrapper_gone(connection);
        }
    }

    fn said(&mut self, connection: Connection, message: ToSidecar) {
        match message {
            ToSidecar::Applied { revision } => self.wrappers.applied(connection, revision),
            ToSidecar::Audits { items, lost } => {
                for item in self.wrappers.accept(connection, items, lost) {
                    let audit = self.completed(item.audit);
                    self.spool.push(LinkAudit::Runtime(Box::new(audit)));
                }
            }
            ToSidecar::FenceDone { id, lost } => {
                self.wrappers.fenced(connection, &id, lost);
                let container = self.wrappers.container(connection).unwrap_or_default().to_owned();
                self.fences.wrapper_done(&id, connection, &container);
            }
            ToSidecar::Bye => {
                self.wrappers.finish(connection);
                self.fences.wrapper_gone(connection);
            }
            // The hub server deals with these itself.
            ToSidecar::Attach(_) | ToSidecar::Answer { .. } | ToSidecar::Health => {}
        }
    }

    /// Adds what wrappers do not know.
    fn completed(&self, audit: RuntimeAudit) -> RuntimeAudit {
        let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let cloud = &self.task.cloud;
        RuntimeAudit {
            version: Some(VERSION.to_owned()),
            hostname: self.task.app_id.clone(),
            app_id: self.task.app_id.clone(),
            profile_id: Some(format!("{}_", self.task.app_id)),
            provider: known(&cloud.provider),
            account_id: known(&cloud.account_id),
            region: known(&cloud.region),
            cluster: known(&cloud.cluster),
            resource_id: known(&cloud.resource_id),
            ..audit
        }
    }

    fn link_up(&mut self, link: Sender<FromDefender>) {
        self.link = Some(Outgoing::new(link));
        self.links += 1;
        self.spool.rewind();
        self.say(FromDefender::Hello(Hello {
            protocol: link::VERSION,
            version: VERSION.to_owned(),
            defender_type: "fargate".to_owned(),
            app_id: self.task.app_id.clone(),
            incarnation: self.task.incarnation.clone(),
            cloud: self.task.cloud.clone(),
            features: features(self.task.monitors_files),
            revision: self.current.as_ref().map_or(0, |current| current.revision),
        }));
        for connection in self.wrappers.connections() {
            if let Some(workload) = self.wrappers.workload(connection) {
                self.say(FromDefender::Workload(workload));
            }
        }
        for report in self.reports.again() {
            self.say(report);
        }
        self.send_counters();
    }

    /// Reports what the firewall has learned and counted. Without a Console to hear it, it waits in the firewall.
    fn report(
        &mut self,
        learned: impl FnOnce(&Waas) -> Vec<DiscoveredApi>,
        counted: impl FnOnce(&Waas) -> Option<(u64, MonitoringStats)>,
    ) {
        if self.link.is_none() || !self.reports.has_room() {
            return;
        }
        let mut told = Vec::new();
        for apis in learned(&self.waas).chunks(APIS_AT_ONCE) {
            let apis = apis.to_vec();
            told.push(self.reports.add(|report| FromDefender::DiscoveredApis { report, apis }));
        }
        if let Some((reset, stats)) = counted(&self.waas) {
            let stats = Box::new(stats);
            told.push(self.reports.add(|report| FromDefender::MonitoringStats { report, reset, stats }));
        }
        told.into_iter().for_each(|report| self.say(report));
    }

    fn console(&mut self, message: FromConsole) {
        match message {
            FromConsole::Policy(revision) => self.policy(Arc::new(*revision)),
            FromConsole::Ack { through } => self.spool.acknowledge(through),
            FromConsole::Noted { through } => self.reports.note(through),
            FromConsole::ResetMonitoringStats { reset } => self.waas.reset_statistics(reset),
            FromConsole::Clock { ahead } => {
                let ahead = self.waas.put_clock_ahead(ahead);
                self.say(FromDefender::ClockSet { ahead });
            }
            // The answer to the one of before is the answer to this one.
            FromConsole::Fence { id } if self.fences.has(&id) => {}
            FromConsole::Fence { id } => {
                let wrappers = self.wrappers.broadcast_fence(&id);
                self.fences.begin(&id, wrappers);
                let (waas, events) = (Arc::clone(&self.waas), self.events.clone());
                tokio::spawn(async move {
                    waas.flush().await;
                    let _ = events.send(Event::WaasFlushed(id)).await;
                });
            }
            // The link deals with these itself.
            FromConsole::Welcome { .. } | FromConsole::Refused { .. } => {}
        }
    }

    fn policy(&mut self, revision: Arc<PolicyRevision>) {
        if let Some(current) = &self.current {
            if revision.revision < current.revision {
                let error = format!("stale: revision {} is in force", current.revision);
                return self.say(FromDefender::PolicyRejected { revision: revision.revision, error });
            }
            if **current == *revision {
                self.unreported = Some(revision.revision);
                return;
            }
        }
        if self.applying {
            self.next = Some(revision);
        } else {
            self.apply(revision);
        }
    }

    /// WAAS goes first: it is the part that may refuse, and then nothing has changed.
    fn apply(&mut self, revision: Arc<PolicyRevision>) {
        self.applying = true;
        let (waas, events) = (Arc::clone(&self.waas), self.events.clone());
        tokio::spawn(async move {
            let result = waas.apply(&revision).await.map_err(|error| error.to_string());
            let _ = events.send(Event::WaasApplied(revision, result)).await;
        });
    }

    fn waas_applied(&mut self, revision: Arc<PolicyRevision>, result: Result<(), String>) {
        self.applying = false;
        match result {
            Ok(()) => {
                self.unreported = Some(revision.revision);
                self.current = Some(revision);
                self.wrappers.broadcast_policy(self.current.as_deref());
            }
            Err(error) => {
                eprintln!("defender: policy revision {}: {error}", revision.revision);
                self.say(FromDefender::PolicyRejected { revision: revision.revision, error });
            }
        }
        if let Some(next) = self.next.take() {
            self.policy(next);
        }
    }

    fn send_audits(&mut self) {
        if self.link.is_some() && self.drops() > self.reported_drops {
            self.send_counters();
        }
        if let Some(link) = &mut self.link {
            link.pump(&mut self.spool);
        }
    }

    fn drops(&self) -> u64 {
        self.totals().dropped()
    }

    fn totals(&self) -> Totals {
        Totals {
            audits: self.spool.numbered(),
            reconnects: self.links.saturating_sub(1),
            spool: self.spool.dropped(),
            waas: self.waas.dropped_audits(),
            wrappers: self.wrappers.lost(),
            answers: self.door.lost_answers(),
            stalled: self.wrappers.stalled(),
            vanished: self.wrappers.vanished(),
            refused: self.door.refused(),
        }
    }

    fn send_counters(&mut self) {
        let totals = self.totals();
        self.reported_drops = totals.dropped();
        self.say(FromDefender::Counters { totals: totals.by_name() });
    }

    fn send_passed_fences(&mut self) {
        let all = self.fences.take_passed();
        if !all.is_empty() {
            self.report(Waas::discovered, Waas::changed_statistics);
        }
        for passed in all {
            let (after, totals) = (self.spool.numbered(), self.totals().by_name());
            self.say_behind(
                after,
                FromDefender::Fence { id: passed.id, containers: passed.containers, totals },
            );
        }
    }

    fn send_applied(&mut self) {
        if let Some(revision) = self.unreported
            && self.wrappers.all_applied(revision)
        {
            self.unreported = None;
            self.say(FromDefender::PolicyApplied { revision });
        }
    }

    /// Apps may start when there is a policy, or when waiting longer for one would only keep them down.
    fn health(&self) -> (bool, String) {
        match (&self.current, self.overdue, &self.link) {
            (Some(current), ..) => (true, format!("revision {} in force", current.revision)),
            (None, true, _) => (true, "no policy from the Console; apps start without one".to_owned()),
            (None, false, Some(_)) => (false, "waiting for the first policy".to_owned()),
            (None, false, None) => (false, "connecting to the Console".to_owned()),
        }
    }
}

/// Returns when something waits for room on the link, and there is some.
async fn room(link: Option<&Outgoing>, spool: &Spool) {
    match link.filter(|link| link.is_waiting(spool)) {
        Some(link) => link.room().await,
        None => std::future::pending().await,
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
