//! Connections that a container opens, and answers that never come.

use super::evidence::Evidence;
use super::outcome::Conclusion;
use proofhouse_protocol::actor::{Reply, Request};
use proofhouse_protocol::observation::{Blame, Observation};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

const ETIMEDOUT: i32 = 110;

/// What is expected of the connection of a stimulus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionExpectation {
    /// It is made.
    Made,
    /// It is made, after at least and at most so many milliseconds.
    MadeAfter(u64, u64),
    /// It is refused, in whatever words.
    Refused,
    /// Nothing comes back until it is given up.
    Unanswered,
}

/// Input of the check of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Stimulus.
    pub token: String,
    /// What is expected.
    pub expect: ConnectionExpectation,
}

impl Connection {
    pub(super) fn judge(&self, evidence: Evidence<'_>) -> Conclusion {
        let Some(act) = evidence.acts_of(&self.token).last() else {
            return Conclusion::unproved(format!("stimulus {} did not run", evidence.named(&self.token)));
        };
        let on = [act.record.sequence];
        let (Request::Connect { address, .. }, Reply::Connected { errno, elapsed_ms, .. }) =
            (act.request, act.reply)
        else {
            return Conclusion::unproved(format!("the actor could not connect: {:?}", act.reply)).on(on);
        };
        let seen = match *errno {
            0 => format!("it was made after {elapsed_ms:.1} ms"),
            ETIMEDOUT => format!("nothing had come back after {elapsed_ms:.0} ms"),
            errno => format!("it failed with errno {errno} after {elapsed_ms:.1} ms"),
        };
        let conclusion = match self.expect {
            ConnectionExpectation::Made => {
                let said = format!("expected a connection to {address}; {seen}");
                match *errno {
                    ETIMEDOUT => Conclusion::unproved(said),
                    errno => Conclusion::either(errno == 0, evidence.subject(), said),
                }
            }
            ConnectionExpectation::MadeAfter(least, most) => {
                #[expect(clippy::cast_precision_loss, reason = "a limit in milliseconds is far below 2^52")]
                let range: RangeInclusive<f64> = least as f64..=most as f64;
                Conclusion::either(
                    *errno == 0 && range.contains(elapsed_ms),
                    Blame::Fargate,
                    format!("expected a connection to {address} after {least} to {most} ms; {seen}"),
                )
            }
            ConnectionExpectation::Refused => {
                let said = format!("expected that a connection to {address} is refused; {seen}");
                match *errno {
                    ETIMEDOUT => Conclusion::unproved(said),
                    errno => Conclusion::either(errno != 0, evidence.subject(), said),
                }
            }
            ConnectionExpectation::Unanswered => Conclusion::either(
                *errno == ETIMEDOUT,
                Blame::Fargate,
                format!("expected that nothing answers at {address}; {seen}"),
            ),
        };
        let conclusion = if conclusion.is_held() {
            Conclusion { said: format!("connection to {address}: {seen}"), ..conclusion }
        } else {
            conclusion
        };
        conclusion.on(on)
    }
}

/// A client's request got nothing, neither an answer nor a refusal, until it was given up.
pub(super) fn request_unanswered(evidence: Evidence<'_>, token: &str) -> Conclusion {
    let exchange = evidence.behind(token).iter().rev().find_map(|r| match r.observation() {
        Observation::HttpExchange { status, error, timed_out, .. } if r.token() == Some(token) => {
            Some((r, *status, error.as_deref(), *timed_out))
        }
        _ => None,
    });
    let Some((record, status, error, timed_out)) = exchange else {
        return Conclusion::unproved(format!("stimulus {} did not run", evidence.named(token)));
    };
    let seen = match (status, error) {
        (Some(status), _) => format!("status {status} came"),
        (None, Some(error)) => error.to_owned(),
        (None, None) => "no answer came".to_owned(),
    };
    let said = format!("expected that nothing answers the request of {}; {seen}", evidence.named(token));
    Conclusion::either(status.is_none() && timed_out, Blame::Fargate, said).on([record.sequence])
}

/// What the fault-injection API answered to a program.
pub(super) fn fault_answer(evidence: Evidence<'_>, token: &str, status: u16, text: &str) -> Conclusion {
    let Some(act) = evidence.acts_of(token).last() else {
        return Conclusion::unproved(format!("stimulus {} did not run", evidence.named(token)));
    };
    let on = [act.record.sequence];
    let Reply::Ran { end: proofhouse_protocol::actor::End::Exited { code: 0 }, stdout, .. } = act.reply
    else {
        return Conclusion::unproved(format!("the program that asks did not succeed: {:?}", act.reply))
            .on(on);
    };
    let (body, code) = stdout.rsplit_once('\n').unwrap_or_default();
    let answer: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let fits = match status {
        200 => answer["Status"] == text,
        _ => answer["Error"].as_str().is_some_and(|error| error.contains(text)),
    };
    let said =
        format!("{}: expected {status} with `{text}`, it was {code} with {body}", evidence.named(token));
    Conclusion::either(code == status.to_string() && fits, Blame::Fargate, said).on(on)
}
