//! Switches faults on and off while the Console runs.

use super::{Fault, LinkFault, RestFault, ServerCertificate};
use proofhouse_protocol::observation::{SharedRecorder, record};
use proofhouse_protocol::{Observation, Source};
use std::fmt;
use std::sync::Arc;
use tokio::sync::watch;

/// The faults that are active now. Cloning shares them. Every change is an observation.
#[derive(Clone)]
pub struct Faults {
    active: Arc<watch::Sender<Vec<Fault>>>,
    recorder: SharedRecorder,
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Faults").field(&self.active()).finish()
    }
}

impl Faults {
    pub(crate) fn new(recorder: SharedRecorder) -> Self {
        Self { active: Arc::new(watch::Sender::new(Vec::new())), recorder }
    }

    /// Switches a fault on; one that is on already stays on.
    pub fn begin(&self, fault: Fault) {
        self.active.send_if_modified(|active| {
            let new = !active.contains(&fault);
            if new {
                active.push(fault);
                self.tell(fault, true);
            }
            new
        });
    }

    /// Switches a fault off.
    pub fn end(&self, fault: Fault) {
        self.active.send_if_modified(|active| {
            let before = active.len();
            active.retain(|f| *f != fault);
            let changed = active.len() != before;
            if changed {
                self.tell(fault, false);
            }
            changed
        });
    }

    /// Switches every fault off.
    pub fn clear(&self) {
        self.active.send_modify(|active| active.drain(..).for_each(|fault| self.tell(fault, false)));
    }

    /// What is on now, oldest first.
    #[must_use]
    pub fn active(&self) -> Vec<Fault> {
        self.active.borrow().clone()
    }

    pub(crate) fn rest(&self) -> Vec<RestFault> {
        self.active
            .borrow()
            .iter()
            .filter_map(|f| if let Fault::Rest(f) = f { Some(*f) } else { None })
            .collect()
    }

    pub(crate) fn link(&self) -> Vec<LinkFault> {
        self.active
            .borrow()
            .iter()
            .filter_map(|f| if let Fault::Link(f) = f { Some(*f) } else { None })
            .collect()
    }

    pub(crate) fn certificate(&self) -> Option<ServerCertificate> {
        self.active
            .borrow()
            .iter()
            .rev()
            .find_map(|f| if let Fault::Certificate(c) = f { Some(*c) } else { None })
    }

    /// Ends when a fault of the link is on, or is off.
    pub(crate) async fn link_fault(&self, fault: LinkFault, on: bool) {
        // The sender lives as long as this.
        let _ = self.watch().wait_for(|active| active.contains(&Fault::Link(fault)) == on).await;
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Vec<Fault>> {
        self.active.subscribe()
    }

    /// Told while nobody can see the change, so that no observation of its effect stands before it.
    fn tell(&self, fault: Fault, active: bool) {
        record(&*self.recorder, Source::Console, Observation::Fault { name: fault.to_string(), active });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofhouse_protocol::{Recorder, Recording};
    use std::sync::Mutex;

    #[derive(Default)]
    struct Kept(Mutex<Vec<(String, bool)>>);

    impl Recorder for Kept {
        fn record(&self, recording: Recording) {
            if let Observation::Fault { name, active } = recording.observation {
                self.0.lock().unwrap().push((name, active));
            }
        }
    }

    /// Whether what watches had noticed each change when it was told.
    #[derive(Default)]
    struct Early(Mutex<Option<watch::Receiver<Vec<Fault>>>>, Mutex<Vec<bool>>);

    impl Recorder for Early {
        fn record(&self, _: Recording) {
            let watching = self.0.lock().unwrap();
            self.1.lock().unwrap().push(watching.as_ref().unwrap().has_changed().unwrap());
        }
    }

    #[test]
    fn a_change_has_no_effect_before_it_is_told() {
        let early = Arc::new(Early::default());
        let faults = Faults::new(early.clone());
        for change in [
            &(|| faults.begin(Fault::Link(LinkFault::Refuse))) as &dyn Fn(),
            &|| faults.end(Fault::Link(LinkFault::Refuse)),
            &|| faults.begin(Fault::Link(LinkFault::Hang)),
            &|| faults.clear(),
        ] {
            *early.0.lock().unwrap() = Some(faults.watch());
            change();
        }
        assert_eq!(*early.1.lock().unwrap(), [false; 4]);
    }

    #[test]
    fn each_change_is_told_once() {
        let kept = Arc::new(Kept::default());
        let faults = Faults::new(kept.clone());
        faults.begin(Fault::Rest(RestFault::Hang));
        faults.begin(Fault::Rest(RestFault::Hang));
        faults.begin(Fault::Link(LinkFault::LoseAcks));
        faults.end(Fault::Rest(RestFault::Hang));
        faults.end(Fault::Rest(RestFault::Hang));
        faults.clear();
        let told: Vec<_> = kept.0.lock().unwrap().clone();
        let told: Vec<_> = told.iter().map(|(n, a)| (n.as_str(), *a)).collect();
        assert_eq!(
            told,
            [("rest-hang", true), ("link-lose-acks", true), ("rest-hang", false), ("link-lose-acks", false)]
        );
        assert!(faults.active().is_empty());
    }
}
