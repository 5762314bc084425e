//! What a program in the task got for a name.

use super::act::{Act, ended};
use super::evidence::Evidence;
use super::outcome::Conclusion;
use super::text::{domain, excerpt};
use proofhouse_protocol::actor::{End, Reply};
use proofhouse_protocol::observation::{Observation, Pipeline};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What stands before the milliseconds in the words of a program that times its lookup.
pub const TOOK: &str = "lookup took, in milliseconds:";

/// What is expected of the lookup of a stimulus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupExpectation {
    /// It gives this address.
    Resolves(String),
    /// It gives no address, and the program knows so within these milliseconds.
    FailsWithin(u64),
}

/// Input of the check of a lookup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// Stimulus.
    pub token: String,
    /// Name asked for.
    pub name: String,
    /// What is expected.
    pub expect: LookupExpectation,
}

/// What came of a lookup, whoever asked.
struct Found {
    addresses: Vec<String>,
    how: String,
    elapsed_ms: f64,
    /// Given up at a limit of the harness.
    late: bool,
    /// The program ended well, or the answer says that there is no error.
    succeeded: bool,
}

fn found(act: &Act<'_>) -> Result<Found, Conclusion> {
    match act.reply {
        Reply::Ran { end, stdout, stderr, elapsed_ms, .. } => {
            let addresses = match end {
                End::Exited { code: 0 } => {
                    let words = stdout.split_whitespace().filter(|word| word.parse::<IpAddr>().is_ok());
                    words.map(str::to_owned).collect()
                }
                _ => Vec::new(),
            };
            let words = stderr.lines().rfind(|line| !line.starts_with(TOOK)).unwrap_or("silently");
            let timed = stderr.lines().find_map(|line| line.strip_prefix(TOOK)?.trim().parse().ok());
            Ok(Found {
                addresses,
                how: format!("{} ({})", ended(end), excerpt(words)),
                elapsed_ms: timed.unwrap_or(*elapsed_ms),
                late: matches!(end, End::TimedOut | End::Unknown),
                succeeded: *end == End::Exited { code: 0 },
            })
        }
        Reply::Answer { rcode, addresses, errno, elapsed_ms, .. } => Ok(Found {
            addresses: addresses.clone(),
            how: match rcode {
                Some(rcode) => format!("the answer was {rcode}"),
                None => format!("no answer came (errno {errno})"),
            },
            elapsed_ms: *elapsed_ms,
            late: rcode.is_none(),
            succeeded: rcode.as_deref() == Some("NOERROR"),
        }),
        other => Err(Conclusion::unproved(format!("the actor could not look the name up: {other:?}"))
            .on([act.record.sequence])),
    }
}

impl Lookup {
    pub(super) fn judge(&self, evidence: Evidence<'_>) -> Conclusion {
        let Some(act) = evidence.acts_of(&self.token).last() else {
            return Conclusion::unproved(format!("stimulus {} did not run", evidence.named(&self.token)));
        };
        let on = [act.record.sequence];
        let Found { addresses, how, elapsed_ms, late, succeeded } = match found(&act) {
            Ok(found) => found,
            Err(conclusion) => return conclusion,
        };
        let (name, by) = (&self.name, evidence.subject());
        let with = if addresses.is_empty() { "no address".to_owned() } else { addresses.join(", ") };
        match &self.expect {
            LookupExpectation::Resolves(expected)
                if succeeded && addresses.iter().any(|address| address == expected) =>
            {
                Conclusion::holds(format!("{name} resolves to {expected}")).on(on)
            }
            LookupExpectation::Resolves(expected) => {
                let said = format!("expected that {name} resolves to {expected}; {how}, with {with}");
                if late { self.unanswered(evidence, &act, said) } else { Conclusion::broken(by, said).on(on) }
            }
            LookupExpectation::FailsWithin(limit) => {
                // The limit is the requirement itself: a late failure is a wrong one.
                #[expect(clippy::cast_precision_loss, reason = "a limit in milliseconds is far below 2^52")]
                let in_time = elapsed_ms <= *limit as f64;
                let said = format!(
                    "expected that the lookup of {name} fails within {limit} ms; {how} after {elapsed_ms:.0} ms, with {with}"
                );
                Conclusion::either(addresses.is_empty() && in_time, by, said).on(on)
            }
        }
    }

    /// Nothing came in the time that the harness gives. Whose doing that is can be told by what became of the question.
    fn unanswered(&self, evidence: Evidence<'_>, act: &Act<'_>, said: String) -> Conclusion {
        let asked = evidence.records()[evidence.began(&self.token).unwrap_or(act.index)..].iter().find(|r| {
            matches!(r.observation(), Observation::DnsQuestion { name, .. } if domain(name) == domain(&self.name))
        });
        if let Some(question) = asked {
            let at = evidence.since(question);
            return Conclusion::broken(
                evidence.subject(),
                format!(
                    "{said}; the resolver outside was asked, and answered, at {at}: its answer never arrived"
                ),
            )
            .on([act.record.sequence, question.sequence]);
        }
        let pipeline = Pipeline::Questions { container: act.container.to_owned() };
        match evidence.fence_behind(&pipeline, &self.token) {
            Ok(fence) => Conclusion::broken(
                evidence.subject(),
                format!("{said}; the question never came outside, though a later one did"),
            )
            .on([act.record.sequence, fence]),
            Err(why) => Conclusion::unproved(format!("{said}; {why}")).on([act.record.sequence]),
        }
    }
}
