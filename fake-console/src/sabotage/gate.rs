//! The gate through which the messages of one speaker of a connection pass.

use super::alter::alter;
use super::kind::{MessageKind, Speaker};
use super::switch::Sabotages;
use super::way::Sabotage;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, sleep_until};

/// How long a message waits for another one to come behind.
const ALONE: Duration = Duration::from_secs(2);

/// What the messages of one speaker pass through. Without sabotage every one passes at once, as it is.
pub(crate) struct Gate {
    speaker: Speaker,
    sabotages: Sabotages,
    /// Messages that are late, and when they come.
    late: Vec<(Instant, String)>,
    /// A message that comes behind the next one, or then.
    held: Option<(Instant, String)>,
    /// Whether the present message is one for which another has waited.
    swaps: bool,
    /// Where what is said in the name of the Defender goes.
    forge: Option<UnboundedSender<String>>,
    /// Policy revisions that have come to this gate.
    policies: usize,
}

impl Gate {
    /// What a Defender says.
    pub(crate) fn of_defender(sabotages: Sabotages) -> Self {
        Self::new(Speaker::Defender, sabotages, None)
    }

    /// What the Console says; what is said in the name of the Defender goes there.
    pub(crate) fn of_console(sabotages: Sabotages, forge: UnboundedSender<String>) -> Self {
        Self::new(Speaker::Console, sabotages, Some(forge))
    }

    fn new(speaker: Speaker, sabotages: Sabotages, forge: Option<UnboundedSender<String>>) -> Self {
        Self { speaker, sabotages, late: Vec::new(), held: None, swaps: false, forge, policies: 0 }
    }

    /// A message comes; what goes on at once, in this order.
    pub(crate) fn pass(&mut self, text: String) -> Vec<String> {
        let active = self.sabotages.active();
        if active.is_empty() && self.held.is_none() {
            return vec![text];
        }
        // Behind a report it would still be in time.
        let held = self.held.take_if(|_| promises(&text)).map(|(_, held)| held);
        self.swaps = held.is_some();
        let mut on = vec![text];
        for sabotage in &active {
            on = on.into_iter().flat_map(|text| self.sabotaged(sabotage, text)).collect();
        }
        on.extend(held);
        on
    }

    /// The next message that is late, when its time has come; never, where there is none.
    pub(crate) async fn due(&mut self) -> String {
        let next = self
            .late
            .iter()
            .enumerate()
            .min_by_key(|(_, (at, _))| *at)
            .map(|(place, (at, _))| (*at, Some(place)));
        let held = self.held.as_ref().map(|(at, _)| (*at, None));
        let Some((at, place)) = next.into_iter().chain(held).min_by_key(|(at, _)| *at) else {
            return std::future::pending().await;
        };
        sleep_until(at).await;
        let (_, text) = match place {
            Some(place) => self.late.remove(place),
            None => self.held.take().expect("nobody else takes it"),
        };
        text
    }

    /// What one way of sabotage makes of one message.
    fn sabotaged(&mut self, sabotage: &Sabotage, text: String) -> Vec<String> {
        // What is no JSON is none of a kind.
        let Ok(mut message) = serde_json::from_str::<Value>(&text) else { return vec![text] };
        if let Some(text) = self.renumbered(sabotage, &mut message) {
            return vec![text];
        }
        let kind = match sabotage {
            Sabotage::Drop(kind)
            | Sabotage::Delay(kind, _)
            | Sabotage::Reorder(kind)
            | Sabotage::Double(kind)
            | Sabotage::Alter(kind, _) => *kind,
            Sabotage::LosePolicyUpdates => MessageKind::Policies,
        };
        if !kind.is(self.speaker, &message) {
            return vec![text];
        }
        if kind == MessageKind::Policies {
            self.policies += 1;
            // With the first one an app starts; without it there would be nothing to look at.
            if self.policies == 1 && !matches!(sabotage, Sabotage::Alter(..) | Sabotage::Double(_)) {
                return vec![text];
            }
        }
        match sabotage {
            Sabotage::Drop(_) => Vec::new(),
            Sabotage::Delay(_, by) => {
                self.late.push((Instant::now() + *by, text));
                Vec::new()
            }
            // It is the next one for which another has waited.
            Sabotage::Reorder(_) if self.swaps => vec![text],
            Sabotage::Reorder(_) => {
                self.held = Some((Instant::now() + ALONE, text));
                Vec::new()
            }
            Sabotage::Double(MessageKind::Audits) => vec![twice(message)],
            Sabotage::Double(_) => vec![text.clone(), text],
            Sabotage::Alter(kind, member) => {
                alter(&mut message, *kind, member);
                vec![message.to_string()]
            }
            Sabotage::LosePolicyUpdates => {
                if let Some(forge) = &self.forge {
                    // A reader that is gone hears nothing any more.
                    let _ = forge
                        .send(json!({"type": "policyApplied", "revision": message["revision"]}).to_string());
                }
                Vec::new()
            }
        }
    }

    /// Where audits are doubled, an acknowledgement means half as many.
    fn renumbered(&self, sabotage: &Sabotage, message: &mut Value) -> Option<String> {
        let doubled = *sabotage == Sabotage::Double(MessageKind::Audits);
        if !doubled || !MessageKind::Acknowledgements.is(self.speaker, message) {
            return None;
        }
        message["through"] = json!(message["through"].as_u64().unwrap_or_default() / 2);
        Some(message.to_string())
    }
}

/// Whether a message says something of those before it, so that one behind it is too late: audits by their numbers, answers, and
/// all that the Console says.
fn promises(text: &str) -> bool {
    let message: Value = serde_json::from_str(text).unwrap_or_default();
    let reports = ["heartbeat", "counters", "workload", "discoveredApis", "monitoringStats"];
    !reports.iter().any(|report| message["type"] == *report)
}

/// Each audit and its double: the n-th has the numbers 2n - 1 and 2n, over all connections of an incarnation.
fn twice(mut message: Value) -> String {
    let items = message["items"].as_array().cloned().unwrap_or_default();
    let numbered = |item: &Value, behind: u64| {
        let mut item = item.clone();
        if let Some(number) = item["sequence"].as_u64().filter(|number| *number > 0) {
            item["sequence"] = json!(number * 2 - behind);
        }
        item
    };
    message["items"] = items.iter().flat_map(|item| [numbered(item, 1), numbered(item, 0)]).collect();
    message.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::unbounded_channel;

    fn gates(sabotage: &str) -> (Gate, Gate, tokio::sync::mpsc::UnboundedReceiver<String>) {
        let sabotages = Sabotages::default();
        sabotages.begin(sabotage.parse().unwrap());
        let (forge, forged) = unbounded_channel();
        (Gate::of_defender(sabotages.clone()), Gate::of_console(sabotages, forge), forged)
    }

    fn audits(number: u64) -> String {
        json!({"type": "audits", "items": [{"sequence": number, "audit": {"effect": "prevent"}}]}).to_string()
    }

    const HEARTBEAT: &str = r#"{"type":"heartbeat"}"#;

    fn policy(revision: u64) -> String {
        json!({"type": "policy", "revision": revision, "runtime": {"effect": "prevent"}}).to_string()
    }

    #[test]
    fn only_messages_of_the_kind_and_of_its_speaker_are_touched() {
        let (mut defender, mut console, _forged) = gates("drop-fences");
        let fence = r#"{"type":"fence","id":"f"}"#;
        assert!(defender.pass(fence.to_owned()).is_empty());
        assert_eq!(defender.pass(audits(1)), [audits(1)]);
        assert_eq!(defender.pass("no json".to_owned()), ["no json"]);
        assert_eq!(console.pass(fence.to_owned()), [fence]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_message_is_overtaken_and_comes() {
        let (mut defender, ..) = gates("delay-audits:500");
        let began = Instant::now();
        assert!(defender.pass(audits(1)).is_empty());
        assert_eq!(defender.pass(HEARTBEAT.to_owned()), [HEARTBEAT]);
        assert_eq!(defender.due().await, audits(1));
        assert_eq!(began.elapsed(), Duration::from_millis(500));
        assert!(tokio::time::timeout(Duration::from_secs(60), defender.due()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_comes_behind_the_next_one_or_by_itself() {
        let (mut defender, ..) = gates("reorder-audits");
        let fence = r#"{"type":"fence","id":"f"}"#.to_owned();
        assert!(defender.pass(audits(1)).is_empty());
        // What says nothing of others is no message to come behind.
        assert_eq!(defender.pass(HEARTBEAT.to_owned()), [HEARTBEAT]);
        assert_eq!(defender.pass(fence.clone()), [fence, audits(1)]);
        assert!(defender.pass(audits(2)).is_empty());
        assert_eq!(defender.due().await, audits(2));
        assert!(defender.pass(audits(3)).is_empty());
        assert_eq!(defender.pass(audits(4)), [audits(4), audits(3)]);
    }

    #[test]
    fn doubled_audits_have_numbers_of_their_own_and_half_as_many_are_acknowledged() {
        let (mut defender, mut console, _forged) = gates("double-audits");
        let passed: Value = serde_json::from_str(&defender.pass(audits(2))[0]).unwrap();
        let numbers: Vec<_> =
            passed["items"].as_array().unwrap().iter().map(|item| &item["sequence"]).collect();
        assert_eq!(numbers, [3, 4]);
        let ack = |through: u64| json!({"type": "ack", "through": through}).to_string();
        assert_eq!(console.pass(ack(4)), [ack(2)]);
        assert_eq!(console.pass(ack(3)), [ack(1)]);
    }

    #[test]
    fn a_lost_update_is_said_to_be_in_force() {
        let (_, mut console, mut forged) = gates("lose-policy-updates");
        assert_eq!(console.pass(policy(3)), [policy(3)]);
        assert!(forged.try_recv().is_err());
        assert!(console.pass(policy(4)).is_empty());
        let said: Value = serde_json::from_str(&forged.try_recv().unwrap()).unwrap();
        assert_eq!(said, json!({"type": "policyApplied", "revision": 4}));
    }

    #[test]
    fn the_first_policy_comes_unless_it_is_altered() {
        let (_, mut console, _forged) = gates("drop-policies");
        assert_eq!(console.pass(policy(1)).len(), 1);
        assert!(console.pass(policy(2)).is_empty());
        let (_, mut console, _forged) = gates("alter-policies");
        assert!(console.pass(policy(1))[0].contains("alert"));
    }
}
