//! The wrappers of the task, as the sidecar knows them.

use crate::decision::{ContainerRule, Workload, first_rule};
use crate::hub::{Attach, FromSidecar, NumberedAudit};
use proofhouse_protocol::Semantics;
use proofhouse_protocol::link::{self, PolicyRevision};
use std::collections::HashMap;
use tokio::sync::mpsc::UnboundedSender;

/// One connection on the hub; a wrapper that reconnects gets a new number.
pub type Connection = u64;

#[derive(Debug)]
struct Wrapper {
    attach: Attach,
    lines: UnboundedSender<FromSidecar>,
    applied: Option<u64>,
}

/// All attached wrappers, and what is remembered of those that were.
#[derive(Debug)]
pub struct Wrappers {
    app_id: String,
    attached: HashMap<Connection, Wrapper>,
    /// Last audit of each wrapper that ever attached, and how many it lost.
    seen: HashMap<String, (u64, u64)>,
}

impl Wrappers {
    /// None yet.
    #[must_use]
    pub fn new(app_id: String) -> Self {
        Self { app_id, attached: HashMap::new(), seen: HashMap::new() }
    }

    /// A wrapper introduced itself.
    pub fn attach(&mut self, connection: Connection, attach: Attach, lines: UnboundedSender<FromSidecar>) {
        self.seen.entry(attach.wrapper.clone()).or_default();
        self.attached.insert(connection, Wrapper { attach, lines, applied: None });
    }

    /// A connection ended.
    pub fn detach(&mut self, connection: Connection) {
        self.attached.remove(&connection);
    }

    /// Sends one wrapper its part of a revision; without one, that there is none.
    pub fn send_policy(&self, connection: Connection, revision: Option<&PolicyRevision>) {
        let Some(wrapper) = self.attached.get(&connection) else { return };
        let Attach { container, image, .. } = &wrapper.attach;
        let line = match revision {
            None => FromSidecar::Policy { revision: 0, semantics: Semantics::default(), rule: None },
            Some(revision) => {
                let workload = Workload { container, image, app_id: &self.app_id };
                let rule =
                    first_rule(&revision.runtime, &workload).map(|rule| Box::new(ContainerRule::from(rule)));
                FromSidecar::Policy {
                    revision: revision.revision,
                    semantics: revision.semantics.clone(),
                    rule,
                }
            }
        };
        // A wrapper that is gone will be detached by its reader.
        let _ = wrapper.lines.send(line);
    }

    /// Sends every wrapper its part of a revision.
    pub fn broadcast_policy(&self, revision: Option<&PolicyRevision>) {
        for connection in self.attached.keys() {
            self.send_policy(*connection, revision);
        }
    }

    /// Sends a fence to every wrapper, and says to which.
    pub fn broadcast_fence(&self, id: &str) -> Vec<Connection> {
        for wrapper in self.attached.values() {
            let _ = wrapper.lines.send(FromSidecar::Fence { id: id.to_owned() });
        }
        self.attached.keys().copied().collect()
    }

    /// A wrapper decides by a revision.
    pub fn applied(&mut self, connection: Connection, revision: u64) {
        if let Some(wrapper) = self.attached.get_mut(&connection) {
            wrapper.applied = Some(revision);
        }
    }

    /// Whether every wrapper decides by this revision.
    #[must_use]
    pub fn all_applied(&self, revision: u64) -> bool {
        self.attached.values().all(|wrapper| wrapper.applied == Some(revision))
    }

    /// The audits of a line that are new (a wrapper repeats itself after a reconnect); acknowledges them all.
    pub fn accept(
        &mut self,
        connection: Connection,
        items: Vec<NumberedAudit>,
        dropped: u64,
    ) -> Vec<NumberedAudit> {
        let Some(wrapper) = self.attached.get(&connection) else { return Vec::new() };
        let seen = self.seen.entry(wrapper.attach.wrapper.clone()).or_default();
        let new: Vec<_> = items.into_iter().filter(|item| item.number > seen.0).collect();
        seen.0 = new.last().map_or(seen.0, |item| item.number);
        seen.1 = seen.1.max(dropped);
        let _ = wrapper.lines.send(FromSidecar::Ack { through: seen.0 });
        new
    }

    /// Audits that wrappers lost.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.seen.values().map(|(_, dropped)| dropped).sum()
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
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    fn attached(
        wrappers: &mut Wrappers,
        connection: Connection,
        container: &str,
    ) -> UnboundedReceiver<FromSidecar> {
        let (lines, received) = unbounded_channel();
        let attach = Attach {
            wrapper: format!("w-{container}"),
            container: container.to_owned(),
            image: "i".to_owned(),
            start_time: String::new(),
        };
        wrappers.attach(connection, attach, lines);
        received
    }

    #[test]
    fn each_wrapper_gets_the_rule_of_its_container() {
        let mut wrappers = Wrappers::new("f:1".to_owned());
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
    fn a_repeated_audit_is_acknowledged_and_not_taken_twice() {
        let mut wrappers = Wrappers::new("f:1".to_owned());
        let item = |number| NumberedAudit { number, audit: test_audit("x") };
        let mut first = attached(&mut wrappers, 1, "web");
        assert_eq!(wrappers.accept(1, vec![item(1), item(2)], 0).len(), 2);
        assert!(matches!(first.try_recv(), Ok(FromSidecar::Ack { through: 2 })));
        wrappers.detach(1);
        let mut second = attached(&mut wrappers, 2, "web");
        assert_eq!(wrappers.accept(2, vec![item(2), item(3)], 5).len(), 1);
        assert!(matches!(second.try_recv(), Ok(FromSidecar::Ack { through: 3 })));
        assert_eq!(wrappers.dropped(), 5);
    }
}
