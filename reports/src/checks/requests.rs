//! Requests that reached an app of the task or a service outside, or did not.

use super::evidence::Evidence;
use super::outcome::Conclusion;
use super::text::plural;
use crate::HistoryRecord;
use proofhouse_protocol::observation::{Observation, Pipeline, Source};
use serde::{Deserialize, Serialize};

/// Input of the check of a request at the app behind the firewall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRequests {
    /// Stimulus that sent the request.
    pub token: String,
    /// Port of the task that it was sent to.
    pub port: u16,
    /// Whether it reaches the app.
    pub seen: bool,
}

/// Input of the check of requests at a service outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRequests {
    /// Stimulus behind which a fence must have come out.
    pub token: String,
    /// Name of the service.
    pub service: String,
    /// Path, without query.
    pub path: String,
    /// How often it is asked for, since the scenario began.
    pub times: usize,
}

fn shown(evidence: Evidence<'_>, record: &HistoryRecord) -> String {
    match record.observation() {
        Observation::AppRequest { method, target, status, .. } => {
            let status = status.map_or_else(String::new, |s| format!(", answered {s}"));
            format!("{method} {target} ({}){status}", evidence.since(record))
        }
        Observation::ServiceRequest { method, target, .. } => {
            format!("{method} {target} ({})", evidence.since(record))
        }
        _ => String::new(),
    }
}

impl AppRequests {
    pub(super) fn judge(&self, evidence: Evidence<'_>) -> Conclusion {
        let own = |r: &&HistoryRecord| {
            matches!(r.observation(), Observation::AppRequest { token, .. } if token.as_deref() == Some(&self.token))
                && matches!(r.recording.source, Source::Container(_))
        };
        let seen: Vec<_> = evidence.behind(&self.token).iter().filter(own).collect();
        let on = seen.iter().map(|r| r.sequence);
        let request = evidence.named(&self.token);
        match (self.seen, seen.first()) {
            (true, Some(first)) => {
                Conclusion::holds(format!("the app saw the request of {request}: {}", shown(evidence, first)))
                    .on(on)
            }
            (false, Some(first)) => Conclusion::broken(
                evidence.subject(),
                format!(
                    "expected that the app never sees the request of {request}, it saw {}: {}",
                    plural(seen.len(), "request"),
                    shown(evidence, first)
                ),
            )
            .on(on),
            (expected, None) => {
                match (expected, evidence.fence_behind(&Pipeline::AppRequests { port: self.port }, &self.token)) {
                    (false, Ok(fence)) => Conclusion::holds(format!(
                        "the app never saw the request of {request}; a later one on port {} it saw (record {fence})",
                        self.port
                    ))
                    .on([fence]),
                    (true, Ok(fence)) => Conclusion::broken(
                        evidence.subject(),
                        format!("expected that the app sees the request of {request}; it did not, and saw a later one"),
                    )
                    .on([fence]),
                    (_, Err(why)) => Conclusion::unproved(format!(
                        "the app has not seen the request of {request} so far, but {why}"
                    )),
                }
            }
        }
    }
}

impl ServiceRequests {
    pub(super) fn judge(&self, evidence: Evidence<'_>) -> Conclusion {
        let source = Source::Outside(self.service.clone());
        let own = |r: &&HistoryRecord| match r.observation() {
            Observation::ServiceRequest { target, token, .. } => {
                r.recording.source == source
                    && target.split('?').next() == Some(&self.path)
                    && !token.as_deref().is_some_and(|token| evidence.is_fence(token))
            }
            _ => false,
        };
        let seen: Vec<_> = evidence.records().iter().filter(own).collect();
        let on = seen.iter().map(|r| r.sequence);
        let (service, path) = (&self.service, &self.path);
        let said = format!(
            "expected that {service} is asked for {path} {}, it was asked {}",
            plural(self.times, "time"),
            plural(seen.len(), "time")
        );
        if seen.len() > self.times {
            return Conclusion::broken(evidence.subject(), said).on(on);
        }
        match evidence.fence_behind(&Pipeline::ServiceRequests { service: service.clone() }, &self.token) {
            Ok(fence) if seen.len() == self.times => Conclusion::holds(format!(
                "{service} was asked for {path} {}; a later request came too (record {fence})",
                plural(self.times, "time")
            ))
            .on(on.chain([fence])),
            Ok(fence) => Conclusion::broken(evidence.subject(), said).on(on.chain([fence])),
            Err(why) => Conclusion::unproved(format!("{said}, but the number is not final: {why}")).on(on),
        }
    }
}
