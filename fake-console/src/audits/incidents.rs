//! Incidents: what a serious detection raises, with the audits that belong to it (`GET /audits/incidents`).
//!
//! One incident stands for a category on a resource for 24 hours [AGG]; what is detected meanwhile joins its audits. *Declared
//! choices*: the resource is the container of an app, and an incident carries at most [`MOST_AUDITS`] audits, the first ones.

use crate::random;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;

/// How long one incident stands for what is alike.
const SPAN: SignedDuration = SignedDuration::from_hours(24);

/// Incidents that are kept.
const RETAINED: usize = 10_000;

/// Audits of one incident.
const MOST_AUDITS: usize = 100;

/// What raises an incident, and its category: crypto miners and altered binaries are documented to [AUD].
const SERIOUS: [(&str, &str); 2] =
    [("cryptoMinerProcess", "cryptoMiner"), ("alteredBinary", "alteredBinary")];

/// Members that an incident has of its first audit.
const SHARED: [&str; 12] = [
    "time",
    "hostname",
    "appID",
    "containerName",
    "imageName",
    "profileId",
    "collections",
    "provider",
    "accountID",
    "region",
    "cluster",
    "resourceID",
];

#[derive(Debug)]
struct Incident {
    opened: Timestamp,
    record: Map<String, Value>,
    audits: Vec<Value>,
}

/// All incidents of a Console.
#[derive(Debug, Default)]
pub(super) struct Incidents {
    last: u64,
    all: VecDeque<Incident>,
}

impl Incident {
    fn open(number: u64, category: &str, audit: &Value, now: Timestamp) -> Self {
        let own = json!({
            "_id": random::hex::<12>(),
            "serialNum": number,
            "type": "fargate",
            "category": category,
            "acknowledged": false,
            "shouldCollect": false,
            "customRuleName": "",
        });
        let mut record = own.as_object().cloned().unwrap_or_default();
        record.extend(
            SHARED
                .iter()
                .filter_map(|name| audit.get(*name).map(|value| ((*name).to_owned(), value.clone()))),
        );
        Self { opened: now, record, audits: Vec::new() }
    }

    /// Whether it stands for something of this category on the resource of this audit.
    fn covers(&self, category: &str, audit: &Value, now: Timestamp) -> bool {
        self.record["category"] == category
            && now.duration_since(self.opened) < SPAN
            && ["appID", "containerName"].iter().all(|name| self.record.get(*name) == audit.get(*name))
    }

    fn row(&self) -> Value {
        let mut row = self.record.clone();
        row.insert("audits".to_owned(), Value::Array(self.audits.clone()));
        Value::Object(row)
    }
}

impl Incidents {
    /// Takes in a runtime audit: it opens an incident, joins one, or is none.
    pub(super) fn hear(&mut self, audit: &Value, now: Timestamp) {
        let serious = |(kind, _): &&(&str, &str)| audit["attackType"] == *kind;
        let Some((_, category)) = SERIOUS.iter().find(serious) else { return };
        let at = match self.all.iter().rposition(|incident| incident.covers(category, audit, now)) {
            Some(at) => at,
            None => {
                if self.all.len() == RETAINED {
                    self.all.pop_front();
                }
                self.last += 1;
                self.all.push_back(Incident::open(self.last, category, audit, now));
                self.all.len() - 1
            }
        };
        let incident = &mut self.all[at];
        if incident.audits.len() < MOST_AUDITS {
            incident.audits.push(audit.clone());
        }
    }

    /// The incidents as people see them.
    pub(super) fn rows(&self) -> Vec<Value> {
        self.all.iter().map(Incident::row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(hour * 3600).unwrap()
    }

    fn audit(kind: &str, container: &str) -> Value {
        json!({"appID": "a:1", "containerName": container, "attackType": kind, "msg": "m", "effect": "alert"})
    }

    #[test]
    fn one_incident_stands_for_what_is_alike_for_a_day() {
        let mut incidents = Incidents::default();
        for (hour, kind, container) in [
            (0, "cryptoMinerProcess", "web"),
            (1, "cryptoMinerProcess", "web"),
            (2, "cryptoMinerProcess", "worker"),
            (3, "alteredBinary", "web"),
            (24, "cryptoMinerProcess", "web"),
        ] {
            incidents.hear(&audit(kind, container), at(hour));
        }
        let rows = incidents.rows();
        let said: Vec<_> = rows
            .iter()
            .map(|row| {
                let audits = row["audits"].as_array().unwrap();
                assert!(audits.iter().all(|audit| audit["containerName"] == row["containerName"]));
                (row["serialNum"].as_u64().unwrap(), row["category"].as_str().unwrap(), audits.len())
            })
            .collect();
        assert_eq!(
            said,
            [(1, "cryptoMiner", 2), (2, "cryptoMiner", 1), (3, "alteredBinary", 1), (4, "cryptoMiner", 1)]
        );
        assert!(rows.iter().all(|row| row["type"] == "fargate" && row["acknowledged"] == json!(false)));
    }

    #[test]
    fn what_is_not_serious_raises_none_and_one_incident_does_not_grow_for_ever() {
        let mut incidents = Incidents::default();
        for kind in ["modifiedProcess", "explicitlyDeniedProcess", "explicitlyDeniedDNS"] {
            incidents.hear(&audit(kind, "web"), at(0));
        }
        assert!(incidents.rows().is_empty());
        for _ in 0..=MOST_AUDITS {
            incidents.hear(&audit("alteredBinary", "web"), at(0));
        }
        assert_eq!(incidents.rows()[0]["audits"].as_array().unwrap().len(), MOST_AUDITS);
    }
}
