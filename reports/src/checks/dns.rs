//! Questions that reached a DNS server outside, or did not.

use super::evidence::Evidence;
use super::outcome::Conclusion;
use super::text::{domain, plural};
use crate::HistoryRecord;
use proofhouse_protocol::observation::{Observation, Pipeline};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

/// Input of the check of questions outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Questions {
    /// Stimulus behind whose beginning they count.
    pub token: String,
    /// Container that asks.
    pub container: String,
    /// Name; and, where none may come, all that is made from it: with a search domain behind it, or a label before it.
    pub name: String,
    /// Whether one comes, or none.
    pub asked: bool,
    /// The only server whose questions count, if not those of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<IpAddr>,
}

/// Whether a server, with its port, has this address.
pub(super) fn is_at(server: &str, address: IpAddr) -> bool {
    server.parse::<SocketAddr>().is_ok_and(|server| server.ip().to_canonical() == address.to_canonical())
}

/// Whether the labels of one name stand in those of the other, in a row.
fn made_from(asked: &str, name: &str) -> bool {
    let (asked, name) = (domain(asked), domain(name));
    !name.is_empty() && format!(".{asked}.").contains(&format!(".{name}."))
}

fn shown(evidence: Evidence<'_>, record: &HistoryRecord) -> String {
    match record.observation() {
        Observation::DnsQuestion { client, server, transport, name, record: kind, answer } => format!(
            "{kind} of {name} from {client} to {server} by {transport} ({}), answered `{answer}`",
            evidence.since(record)
        ),
        _ => String::new(),
    }
}

impl Questions {
    pub(super) fn judge(&self, evidence: Evidence<'_>) -> Conclusion {
        let Some(began) = evidence.began(&self.token) else {
            return Conclusion::unproved(format!("stimulus {} did not run", evidence.named(&self.token)));
        };
        let behind = &evidence.records()[began..];
        let asks = |r: &&HistoryRecord| match r.observation() {
            Observation::DnsQuestion { server, .. } if self.server.is_some_and(|own| !is_at(server, own)) => {
                false
            }
            Observation::DnsQuestion { name, .. } if self.asked => domain(name) == domain(&self.name),
            Observation::DnsQuestion { name, .. } => made_from(name, &self.name),
            _ => false,
        };
        let outside = self.server.map_or_else(|| "outside".to_owned(), |server| format!("at {server}"));
        let seen: Vec<_> = behind.iter().filter(asks).collect();
        let on = seen.iter().map(|r| r.sequence);
        let pipeline = Pipeline::Questions { container: self.container.clone() };
        let name = &self.name;
        match (self.asked, seen.as_slice()) {
            (true, [_, ..]) => {
                Conclusion::holds(format!("{name} was asked for {outside} in {}", plural(seen.len(), "question"))).on(on)
            }
            (false, [_, ..]) => {
                let list: Vec<_> = seen.iter().map(|r| format!("\n- {}", shown(evidence, r))).collect();
                let said = format!(
                    "expected no question for {name} {outside}, saw {}: {}{}",
                    plural(seen.len(), "question"),
                    shown(evidence, seen[0]),
                    if list.len() > 1 { list.concat() } else { String::new() }
                );
                Conclusion::broken(evidence.subject(), said).on(on)
            }
            (asked, []) => match (asked, evidence.fence_behind(&pipeline, &self.token)) {
                (false, Ok(fence)) => Conclusion::holds(format!(
                    "no question for {name}, nor for a name made from it, came {outside}; a later one of \"{}\" came (record {fence})",
                    self.container
                ))
                .on([fence]),
                (true, Ok(fence)) => Conclusion::broken(
                    evidence.subject(),
                    format!("expected a question for {name} {outside}, saw {}", self.others(evidence, behind)),
                )
                .on([fence]),
                (_, Err(why)) => {
                    Conclusion::unproved(format!("no question for {name} has come {outside} so far, but {why}"))
                }
            },
        }
    }

    /// What came instead.
    fn others(&self, evidence: Evidence<'_>, records: &[HistoryRecord]) -> String {
        let of = |r: &HistoryRecord| match r.observation() {
            Observation::DnsQuestion { name, .. } if domain(name) == domain(&self.name) => {
                Some(shown(evidence, r))
            }
            Observation::DnsQuestion { name, .. } => Some(domain(name)),
            _ => None,
        };
        let found: BTreeSet<_> = records.iter().filter_map(of).collect();
        if found.is_empty() {
            "none at all".to_owned()
        } else {
            format!("only {}", found.into_iter().collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_search_domain_or_a_label_is_made_from_it() {
        assert!(made_from("evil.test", "Evil.test."));
        assert!(made_from("evil.test.ec2.internal", "evil.test"));
        assert!(made_from("a.evil.test", "evil.test"));
        assert!(!made_from("devil.test", "evil.test"));
        assert!(!made_from("evil.testing", "evil.test"));
    }
}
