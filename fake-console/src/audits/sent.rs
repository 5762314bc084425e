//! An audit as it came over the link, and what the Console makes of it.

use crate::random;
use crate::scope::{Workload, covers};
use proofhouse_protocol::Collection;
use proofhouse_protocol::link::LinkAudit;
use proofhouse_protocol::observation::Plane;
use serde::Deserialize;
use serde_json::{Value, json};

/// Members that the Console adds; what a Defender says there is overwritten.
const OURS: [&str; 2] = ["_id", "collections"];

/// An audit of the link with its place in the sequence, whatever it is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct SentAudit {
    pub(crate) sequence: u64,
    #[serde(default)]
    pub(crate) plane: Value,
    #[serde(default)]
    pub(crate) audit: Value,
}

/// An audit with what the Console adds.
#[derive(Debug)]
pub(super) struct Completed {
    pub(super) plane: Plane,
    /// As it is stored and shown: the members that are known.
    pub(super) shown: Value,
    /// As it was sent.
    pub(super) sent: Value,
}

impl SentAudit {
    /// The plane, if it is one.
    pub(super) fn plane(&self) -> Option<Plane> {
        Plane::deserialize(&self.plane).ok()
    }

    /// The audit with its `_id` and the names of the collections that its workload is in; an error says why it is none.
    pub(super) fn complete(&self, collections: &[Collection]) -> Result<Completed, serde_json::Error> {
        let audit = LinkAudit::deserialize(json!({"plane": self.plane, "audit": self.audit}))?;
        let (plane, shown) = shown(audit, collections);
        let mut sent = self.audit.clone();
        for member in OURS {
            sent[member] = shown[member].clone();
        }
        Ok(Completed { plane, shown, sent })
    }
}

fn shown(audit: LinkAudit, collections: &[Collection]) -> (Plane, Value) {
    let id = random::hex::<12>();
    let within = |workload: Workload<'_>| -> Vec<String> {
        collections.iter().filter(|c| covers(c, workload)).map(|c| c.name.clone()).collect()
    };
    match audit {
        LinkAudit::Runtime(mut audit) => {
            audit.collections = Some(within(Workload {
                app_id: &audit.app_id,
                container: audit.container_name.as_deref(),
                image: audit.image_name.as_deref(),
                cluster: audit.cluster.as_deref(),
                account: audit.account_id.as_deref(),
            }));
            audit.id = Some(id);
            (Plane::Runtime, serde_json::to_value(audit).expect("an audit is made of strings and numbers"))
        }
        LinkAudit::Firewall(mut audit) => {
            audit.collections = Some(within(Workload {
                app_id: &audit.app_id,
                cluster: audit.cluster.as_deref(),
                account: audit.account_id.as_deref(),
                ..Workload::default()
            }));
            audit.id = Some(id);
            (Plane::Firewall, serde_json::to_value(audit).expect("an audit is made of strings and numbers"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn audit() -> Value {
        json!({"time": "2026-01-02T03:04:05Z", "type": "processes", "attackType": "explicitlyDeniedProcess",
               "effect": "prevent", "ruleName": "r", "msg": "m"})
    }

    fn sent(audit: Value) -> SentAudit {
        SentAudit { sequence: 1, plane: json!("runtime"), audit }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_added_but_what_the_console_adds(
            strays in proptest::collection::btree_map("[a-z]{1,3}X", any::<i64>(), 0..4),
            claims in any::<bool>(),
        ) {
            let mut audit = audit();
            for (member, value) in &strays {
                audit[member] = json!(value);
            }
            if claims {
                audit["_id"] = json!("mine");
            }
            let completed = sent(audit.clone()).complete(&[Collection::everything("All")]).unwrap();
            audit["_id"] = completed.shown["_id"].clone();
            prop_assert_eq!(audit["_id"].as_str().unwrap().len(), 24);
            audit["collections"] = json!(["All"]);
            prop_assert_eq!(completed.sent, audit);
            prop_assert!(strays.keys().all(|stray| completed.shown.get(stray).is_none()));
        }
    }

    #[test]
    fn what_is_none_is_told_apart() {
        let mut wrong = audit();
        wrong["pid"] = json!("17");
        for item in [
            sent(wrong),
            sent(json!("text")),
            sent(Value::Null),
            SentAudit { plane: json!("kernel"), ..sent(audit()) },
            SentAudit { plane: json!({}), ..sent(audit()) },
        ] {
            assert!(item.complete(&[]).is_err(), "{item:?}");
        }
    }
}
