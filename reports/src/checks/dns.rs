//! Questions that reached a DNS server outside, or did not.

use super::act::acts;
use super::conclusion::Outcome;
use super::evidence::fence;
use super::text::{domain, has_word, plural, since};
use crate::HistoryRecord;
use proofhouse_protocol::Observation;
use proofhouse_protocol::observation::Transport;
use std::collections::BTreeSet;

fn questions<'a>(records: &'a [HistoryRecord], name: &str) -> Vec<&'a HistoryRecord> {
    let name = domain(name);
    let asks = |r: &&HistoryRecord| matches!(r.observation(), Observation::DnsQuestion { name: n, .. } if domain(n) == name);
    records.iter().filter(asks).collect()
}

/// Whether anything in the task was asked to look the name up.
fn attempted(records: &[HistoryRecord], name: &str) -> bool {
    let name = domain(name);
    acts(records).any(|act| {
        act.query_name().as_deref() == Some(name.as_str())
            || act.argv().iter().any(|arg| has_word(&arg.to_ascii_lowercase(), &name))
    })
}

/// A name was looked up in the task, and no server outside was asked for it.
///
/// Without an attempt there is nothing to prove. With a token, a fence must have come out after the stimulus.
#[must_use]
pub fn dns_never_asked(records: &[HistoryRecord], name: &str, token: Option<&str>) -> Outcome {
    let seen = questions(records, name);
    if !seen.is_empty() {
        let mut message =
            format!("expected that no server is asked for `{name}`, saw {}:", plural(seen.len(), "question"));
        for record in seen {
            if let Observation::DnsQuestion { client, server, transport, record: kind, answer, .. } =
                record.observation()
            {
                message.push_str(&format!(
                    "\n- {} of {client} to {server} by {} ({}), answered `{answer}`",
                    kind,
                    if *transport == Transport::Udp { "UDP" } else { "TCP" },
                    since(records, record)
                ));
            }
        }
        return Outcome::broken(message);
    }
    if !attempted(records, name) {
        return Outcome::unproved(format!(
            "no server was asked for `{name}`, but nothing in the task tried to look it up"
        ));
    }
    match token.map(|t| fence(records, Some(t))) {
        Some(Err(why)) => Outcome::unproved(format!("no server was asked for `{name}` so far, but {why}")),
        _ => Outcome::holds(format!("no server was asked for `{name}`")),
    }
}

/// A server outside was asked for the name.
#[must_use]
pub fn dns_asked(records: &[HistoryRecord], name: &str) -> Outcome {
    let seen = questions(records, name);
    if !seen.is_empty() {
        return Outcome::holds(format!("`{name}` was asked for in {}", plural(seen.len(), "question")));
    }
    if !attempted(records, name) {
        return Outcome::unproved(format!(
            "expected a question for `{name}`, but nothing in the task tried to look it up"
        ));
    }
    let others: BTreeSet<_> = records
        .iter()
        .filter_map(|r| match r.observation() {
            Observation::DnsQuestion { name, .. } => Some(format!("`{}`", domain(name))),
            _ => None,
        })
        .collect();
    let others = if others.is_empty() {
        "no question at all".to_owned()
    } else {
        format!("only {}", others.into_iter().collect::<Vec<_>>().join(", "))
    };
    Outcome::broken(format!("expected a question for `{name}` at a server outside, saw {others}"))
}
