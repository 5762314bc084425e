//! Requests that reached the app behind WAAS, or did not.

use super::conclusion::Outcome;
use super::evidence::named;
use super::text::{has_word, plural, since};
use crate::HistoryRecord;
use proofhouse_protocol::Observation;

fn seen<'a>(records: &'a [HistoryRecord], token: &str) -> Vec<(&'a HistoryRecord, String)> {
    let found = records.iter().filter_map(|r| match r.observation() {
        Observation::AppRequest { method, target, token: header, status } => {
            let own = r.token() == Some(token) || header.as_deref() == Some(token) || has_word(target, token);
            let status = status.map_or_else(String::new, |s| format!(", answered {s}"));
            own.then(|| (r, format!("{method} `{target}` ({}){status}", since(records, r))))
        }
        _ => None,
    });
    found.collect()
}

/// The answer the client got, in a few words; none when the stimulus sent nothing.
fn answer(records: &[HistoryRecord], token: &str) -> Option<String> {
    records.iter().rev().find_map(|r| match r.observation() {
        Observation::HttpExchange { status, error, .. } if r.token() == Some(token) => {
            Some(match (status, error) {
                (Some(status), _) => format!("the client got status {status}"),
                (None, Some(error)) => format!("the client got no answer: {error}"),
                (None, None) => "the client got no answer".to_owned(),
            })
        }
        Observation::Act { .. } if r.token() == Some(token) => Some("the actor was the client".to_owned()),
        _ => None,
    })
}

/// The request of a stimulus was sent, and the app did not see it.
///
/// The client's answer must be there: with it, the request has either reached the app or never will.
#[must_use]
pub fn app_never_saw(records: &[HistoryRecord], token: &str) -> Outcome {
    let requests = seen(records, token);
    let subject = named(records, token);
    if !requests.is_empty() {
        let lines: Vec<_> = requests.iter().map(|(_, line)| format!("\n- {line}")).collect();
        return Outcome::broken(format!(
            "expected that the app never sees the request of stimulus {subject}, saw {}:{}",
            plural(requests.len(), "request"),
            lines.concat()
        ));
    }
    match answer(records, token) {
        None => Outcome::unproved(format!("the app saw no request of stimulus {subject}, but none was sent")),
        Some(answer) => Outcome::holds(format!("the app saw no request of stimulus {subject}; {answer}")),
    }
}

/// The request of a stimulus reached the app, exactly `times` if given.
#[must_use]
pub fn app_saw(records: &[HistoryRecord], token: &str, times: Option<usize>) -> Outcome {
    let requests = seen(records, token);
    let subject = named(records, token);
    let right = times.map_or(!requests.is_empty(), |n| requests.len() == n);
    if right {
        return Outcome::holds(format!(
            "the app saw {} of stimulus {subject}",
            plural(requests.len(), "request")
        ));
    }
    let wanted = times.map_or_else(|| "a request".to_owned(), |n| plural(n, "request"));
    let Some(answer) = answer(records, token) else {
        return Outcome::unproved(format!(
            "expected the app to see {wanted} of stimulus {subject}, but none was sent"
        ));
    };
    let mut message =
        format!("expected the app to see {wanted} of stimulus {subject}, saw {}; {answer}", requests.len());
    for (_, line) in &requests {
        message.push_str(&format!("\n- {line}"));
    }
    Outcome::broken(message)
}
