//! The wrappers of the task, as the sidecar knows them.

use super::admission::{Admission, Peer, Refusal};
use crate::decision::{ContainerRule, Workload, first_rule};
use crate::hub::{Attach, FromSidecar, Losses, NumberedAudit};
use proofhouse_protocol::Semantics;
use proofhouse_protocol::link::{self, PolicyRevision};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

/// How long a wrapper may take to apply a policy or to answer a fence. Then it is let go: it keeps its last policy and its
/// audits, and comes again when it can.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// How soon an acknowledgement is tried again for which there was no room.
const SOON: Duration = Duration::from_millis(20);

/// One connection on the hub; a wrapper that reconnects gets a new number.
pub type Connection = u64;

#[derive(Debug)]
struct Wrapper {
    attach: Attach,
    lines: Sender<FromSidecar>,
    applied: Option<u64>,
    /// What it was asked and has not answered, and when.
    owed: VecDeque<(Owed, Instant)>,
    /// It does not even read.
    deaf: bool,
    /// What is acknowledged and could not be said, and since when.
    unsaid: Option<(u64, Instant)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Owed {
    Applied(u64),
    Fence(String),
}

/// All attached wrappers, and what is remembered of those that were.
#[derive(Debug)]
pub struct Wrappers {
    app_id: String,
    /// Whether wrappers are told of rules on files.
    monitors_files: bool,
    attached: HashMap<Connection, Wrapper>,
    admission: Admission,
    stalled: u64,
}

impl Wrapper {
    fn tell(&mut self, line: FromSidecar, owed: Option<Owed>) {
        self.deaf |= self.lines.try_send(line).is_err();
        self.owed.extend(owed.map(|owed| (owed, Instant::now())));
    }

    /// Where there is no room, it is said later, all at once: who tells of a hundred programs in a moment has read nothing meanwhile.
    fn acknowledge(&mut self, through: u64) {
        let since = self.unsaid.map_or_else(Instant::now, |(_, since)| since);
        let said = self.lines.try_send(FromSidecar::Ack { through });
        self.unsaid = said.is_err().then_some((through, since));
    }

    fn is_stalled(&self, now: Instant) -> bool {
        let is_late = |(_, since): (u64, Instant)| now >= since + PATIENCE;
        self.deaf
            || self.unsaid.is_some_and(is_late)
            || self.owed.front().is_some_and(|(_, since)| now >= *since + PATIENCE)
    }
}

impl Wrappers {
    /// None yet.
    #[must_use]
    pub fn new(app_id: String, monitors_files: bool) -> Self {
        Self { app_id, monitors_files, attached: HashMap::new(), admission: Admission::default(), stalled: 0 }
    }

    /// A wrapper introduced itself. Answers the connections that are over by that.
    ///
    /// # Errors
    /// When it is not let in.
    pub fn attach(
        &mut self,
        connection: Connection,
        attach: Attach,
        peer: Peer,
        lines: Sender<FromSidecar>,
    ) -> Result<Vec<Connection>, Refusal> {
        let displaced = self.admission.admit(connection, &attach, peer)?;
        displaced.iter().for_each(|former| self.detach(*former));
        let wrapper =
            Wrapper { attach, lines, applied: None, owed: VecDeque::new(), deaf: false, unsaid: None };
        self.attached.insert(connection, wrapper);
        Ok(displaced)
    }

    /// A connection ended, or is to end: nothing holds it any more.
    pub fn detach(&mut self, connection: Connection) {
        self.attached.remove(&connection);
        self.admission.release(connection);
    }

    /// A wrapper has said that its app has ended and nothing is missing.
    pub fn finish(&mut self, connection: Connection) {
        if let Some(wrapper) = self.attached.get(&connection)
            && let Some(known) = self.admission.known(&wrapper.attach.wrapper)
        {
            known.finished = true;
        }
        self.detach(connection);
    }

    /// When the next wrapper will have taken too long, if none answers before.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let owed = self.attached.values().filter_map(|wrapper| wrapper.owed.front());
        let unsaid = self.attached.values().filter(|wrapper| wrapper.unsaid.is_some());
        owed.map(|(_, since)| *since + PATIENCE).chain(unsaid.map(|_| Instant::now() + SOON)).min()
    }

    /// Lets go of those that have taken too long, and says which.
    pub fn take_stalled(&mut self) -> Vec<Connection> {
        for wrapper in self.attached.values_mut() {
            if let Some((through, _)) = wrapper.unsaid {
                wrapper.acknowledge(through);
            }
        }
        let now = Instant::now();
        let stalled = self.attached.iter().filter(|(_, wrapper)| wrapper.is_stalled(now));
        let stalled: Vec<_> = stalled.map(|(connection, _)| *connection).collect();
        for connection in &stalled {
            self.stalled += 1;
            let container = self.container(*connection).unwrap_or_default();
            eprintln!("defender: the wrapper of container {container:?} does not answer, and is let go");
            self.detach(*connection);
        }
        stalled
    }

    /// Wrappers that were let go because they did not answer.
    #[must_use]
    pub fn stalled(&self) -> u64 {
        self.stalled
    }

    /// Sends one wrapper its part of a revision; without one, that there is none.
    pub fn send_policy(&mut self, connection: Connection, revision: Option<&PolicyRevision>) {
        let Some(wrapper) = self.attached.get_mut(&connection) else { return };
        let Attach { container, image, .. } = &wrapper.attach;
        let line = match revision {
            None => FromSidecar::Policy { revision: 0, semantics: Semantics::default(), rule: None },
            Some(revision) => {
                let workload = Workload { container, image, app_id: &self.app_id };
                let runtime = &revision.runtime;
                let mut rule = first_rule(runtime, &workload)
                    .map(|rule| Box::new(ContainerRule::with(rule, &runtime.custom_rules)));
                if let Some(rule) = rule.as_mut().filter(|_| !self.monitors_files) {
                    rule.filesystem = None;
                }
                FromSidecar::Policy {
                    revision: revision.revision,
                    semantics: revision.semantics.clone(),
                    rule,
                }
            }
        };
        wrapper.tell(line, Some(Owed::Applied(revision.map_or(0, |revision| revision.revision))));
    }

    /// Sends every wrapper its part of a revision.
    pub fn broadcast_policy(&mut self, revision: Option<&PolicyRevision>) {
        for connection in self.connections() {
            self.send_policy(connection, revision);
        }
    }

    /// Sends a fence to every wrapper, and says to which.
    pub fn broadcast_fence(&mut self, id: &str) -> Vec<Connection> {
        for wrapper in self.attached.values_mut() {
            wrapper.tell(FromSidecar::Fence { id: id.to_owned() }, Some(Owed::Fence(id.to_owned())));
        }
        self.attached.keys().copied().collect()
    }

    /// A wrapper decides by a revision.
    pub fn applied(&mut self, connection: Connection, revision: u64) {
        if let Some(wrapper) = self.attached.get_mut(&connection) {
            wrapper.applied = Some(revision);
            wrapper.owed.retain(|(owed, _)| !matches!(owed, Owed::Applied(asked) if *asked <= revision));
        }
    }

    /// Whether every wrapper decides by this revision.
    #[must_use]
    pub fn all_applied(&self, revision: u64) -> bool {
        self.attached.values().all(|wrapper| wrapper.applied == Some(revision))
    }

    /// A wrapper has answered a fence.
    pub fn fenced(&mut self, connection: Connection, id: &str, lost: Losses) {
        if let Some(wrapper) = self.attached.get_mut(&connection) {
            wrapper.owed.retain(|(owed, _)| !matches!(owed, Owed::Fence(asked) if asked == id));
            if let Some(known) = self.admission.known(&wrapper.attach.wrapper) {
                known.lost = lost;
            }
        }
    }

    /// The audits of a line that are new (a wrapper repeats itself after a reconnect); acknowledges them all.
    pub fn accept(
        &mut self,
        connection: Connection,
        items: Vec<NumberedAudit>,
        lost: Losses,
    ) -> Vec<NumberedAudit> {
        let Some(wrapper) = self.attached.get_mut(&connection) else { return Vec::new() };
        let Some(known) = self.admission.known(&wrapper.attach.wrapper) else { return Vec::new() };
        let new: Vec<_> = items.into_iter().filter(|item| item.number > known.last).collect();
        known.last = new.last().map_or(known.last, |item| item.number);
        known.lost = lost;
        wrapper.acknowledge(known.last);
        new
    }

    /// What wrappers have lost.
    #[must_use]
    pub fn lost(&self) -> Losses {
        self.admission.lost()
    }

    /// Wrappers that are gone, and may have taken something with them.
    #[must_use]
    pub fn vanished(&self) -> u64 {
        self.admission.vanished()
    }

    /// Container of a connection.
    #[must_use]
    pub fn container(&self, connection: Connection) -> Option<&str> {
        self.attached.get(&connection).map(|wrapper| wrapper.attach.container.as_str())
    }

    /// A wrapper, as the Console wants to know it.
    #[must_use]
    pub fn workload(&self, connection: Connection) -> Option<link::Workload> {
        let Attach { container, image, start_time, .. } = &self.attached.get(&connection)?.attach;
        Some(link::Workload {
            container: container.clone(),
            image: image.clone(),
            start_time: start_time.clone(),
        })
    }

    /// All connections.
    #[must_use]
    pub fn connections(&self) -> Vec<Connection> {
        self.attached.keys().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::test_audit;
    use tokio::sync::mpsc::{Receiver, channel};

    fn attached(wrappers: &mut Wrappers, connection: Connection, container: &str) -> Receiver<FromSidecar> {
        let (lines, received) = channel(4);
        let attach = Attach {
            wrapper: format!("w-{container}"),
            container: container.to_owned(),
            image: "i".to_owned(),
            start_time: String::new(),
        };
        wrappers.attach(connection, attach, Peer { uid: 0, place: None }, lines).unwrap();
        received
    }

    #[test]
    fn each_wrapper_gets_the_rule_of_its_container() {
        let mut wrappers = Wrappers::new("f:1".to_owned(), false);
        let mut web = attached(&mut wrappers, 1, "web");
        let mut worker = attached(&mut wrappers, 2, "worker");
        let json = serde_json::json!({"revision": 4, "waas": {}, "semantics": Semantics::current(), "runtime": {"rules": [
            {"name": "only worker", "collections": [{"name": "w", "containers": ["worker"]}]}]}});
        wrappers.broadcast_policy(Some(&serde_json::from_value(json).unwrap()));
        assert!(matches!(web.try_recv(), Ok(FromSidecar::Policy { revision: 4, rule: None, .. })));
        let Ok(FromSidecar::Policy { rule: Some(rule), .. }) = worker.try_recv() else { panic!("no rule") };
        assert_eq!(rule.name, "only worker");
        wrappers.applied(1, 4);
        assert!(!wrappers.all_applied(4));
        wrappers.applied(2, 4);
        assert!(wrappers.all_applied(4));
    }

    #[test]
    fn rules_on_files_are_handed_on_only_where_files_are_monitored() {
        for monitors in [false, true] {
            let mut wrappers = Wrappers::new("f:1".to_owned(), monitors);
            let mut web = attached(&mut wrappers, 1, "web");
            let json = serde_json::json!({"revision": 4, "waas": {}, "semantics": Semantics::current(), "runtime": {"rules": [
                {"name": "r", "collections": [{"name": "All"}], "filesystem": {"effect": "prevent"}}]}});
            wrappers.broadcast_policy(Some(&serde_json::from_value(json).unwrap()));
            let Ok(FromSidecar::Policy { rule: Some(rule), .. }) = web.try_recv() else { panic!("no rule") };
            assert_eq!(rule.filesystem.is_some(), monitors);
        }
    }

    #[test]
    fn a_repeated_audit_is_acknowledged_and_not_taken_twice() {
        let mut wrappers = Wrappers::new("f:1".to_owned(), false);
        let item = |number| NumberedAudit { number, audit: test_audit("x") };
        let mut first = attached(&mut wrappers, 1, "web");
        assert_eq!(wrappers.accept(1, vec![item(1), item(2)], Losses::default()).len(), 2);
        assert!(matches!(first.try_recv(), Ok(FromSidecar::Ack { through: 2 })));
        wrappers.detach(1);
        let mut second = attached(&mut wrappers, 2, "web");
        assert_eq!(
            wrappers.accept(2, vec![item(2), item(3)], Losses { audits: 5, ..Losses::default() }).len(),
            1
        );
        assert!(matches!(second.try_recv(), Ok(FromSidecar::Ack { through: 3 })));
        assert_eq!(wrappers.lost().audits, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn who_tells_of_much_at_once_is_not_let_go_for_it() {
        let mut wrappers = Wrappers::new("f:1".to_owned(), false);
        let item = |number| NumberedAudit { number, audit: test_audit("x") };
        let mut web = attached(&mut wrappers, 1, "web");
        for number in 1..=9 {
            assert_eq!(wrappers.accept(1, vec![item(number)], Losses::default()).len(), 1);
        }
        assert!(wrappers.take_stalled().is_empty());
        assert_eq!(wrappers.deadline(), Some(Instant::now() + SOON));
        for through in 1..=4 {
            assert!(matches!(web.try_recv(), Ok(FromSidecar::Ack { through: said }) if said == through));
        }
        assert!(wrappers.take_stalled().is_empty());
        assert!(matches!(web.try_recv(), Ok(FromSidecar::Ack { through: 9 })));
        assert_eq!(wrappers.deadline(), None);
        for number in 10..=20 {
            wrappers.accept(1, vec![item(number)], Losses::default());
        }
        tokio::time::advance(PATIENCE).await;
        assert_eq!(wrappers.take_stalled(), [1], "who reads nothing for so long is");
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_answer_in_time_is_let_go_and_who_answers_is_not() {
        let mut wrappers = Wrappers::new("f:1".to_owned(), false);
        let mut web = attached(&mut wrappers, 1, "web");
        let mut worker = attached(&mut wrappers, 2, "worker");
        assert_eq!(wrappers.deadline(), None);
        wrappers.broadcast_policy(None);
        wrappers.broadcast_fence("f");
        assert_eq!(wrappers.deadline(), Some(Instant::now() + PATIENCE));
        wrappers.applied(1, 0);
        wrappers.fenced(1, "f", Losses::default());
        tokio::time::advance(PATIENCE - Duration::from_millis(1)).await;
        assert!(wrappers.take_stalled().is_empty());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(wrappers.take_stalled(), [2]);
        assert!(wrappers.all_applied(0), "nobody is waited for");
        assert_eq!((wrappers.deadline(), wrappers.stalled(), wrappers.connections()), (None, 1, vec![1]));
        while let Ok(_line) = worker.try_recv() {}
        assert!(worker.is_closed());
        assert!(web.try_recv().is_ok() && !web.is_closed());
    }

    #[tokio::test]
    async fn who_does_not_read_is_let_go_at_once() {
        let mut wrappers = Wrappers::new("f:1".to_owned(), false);
        let _web = attached(&mut wrappers, 1, "web");
        for id in ["1", "2", "3", "4"] {
            wrappers.broadcast_fence(id);
        }
        assert!(wrappers.take_stalled().is_empty());
        wrappers.broadcast_fence("5");
        assert_eq!(wrappers.take_stalled(), [1]);
    }

    #[test]
    fn what_is_lost_is_known_with_the_fence_and_not_with_the_next_audit() {
        let mut wrappers = Wrappers::new("f:1".to_owned(), false);
        let _web = attached(&mut wrappers, 1, "web");
        wrappers.fenced(1, "f", Losses { audits: 7, datagrams: 1, ..Losses::default() });
        assert_eq!((wrappers.lost().audits, wrappers.lost().datagrams), (7, 1));
    }

    #[test]
    fn who_ends_in_order_has_not_vanished() {
        let mut wrappers = Wrappers::new("f:1".to_owned(), false);
        let _web = attached(&mut wrappers, 1, "web");
        let _worker = attached(&mut wrappers, 2, "worker");
        wrappers.finish(1);
        assert_eq!(wrappers.vanished(), 0);
        wrappers.detach(2);
        assert_eq!(wrappers.vanished(), 1);
    }
}
