//! What a client got for a request, and what the app got of it, beside what was judged.

use super::super::exchange::EVENT_ID_HEADER;
use super::super::text::excerpt;
use super::finding::FindingKind;
use super::visit::Request;
use crate::HistoryRecord;
use proofhouse_model::requests::{Answer, Judged};
use proofhouse_protocol::observation::{Body, Observation, sha256};
use serde_json::Value;

/// What came of a request, as a client saw it.
#[derive(Clone, Copy)]
pub(super) struct Came<'a> {
    pub record: &'a HistoryRecord,
    pub status: Option<u16>,
    pub headers: &'a [(String, String)],
    pub body: &'a Body,
    pub error: Option<&'a str>,
}

impl<'a> Came<'a> {
    pub fn of(record: &'a HistoryRecord) -> Option<Self> {
        let Observation::HttpExchange { status, response_headers, body, error, .. } = record.observation()
        else {
            return None;
        };
        Some(Self { record, status: *status, headers: response_headers, body, error: error.as_deref() })
    }

    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut headers = self.headers.iter();
        headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn shown(&self) -> String {
        match (self.status, self.error) {
            (Some(status), _) => format!("it was answered {status} with `{}`", excerpt(&self.body.text)),
            (None, Some(error)) => format!("it was not answered: {error}"),
            (None, None) => "it was not answered".to_owned(),
        }
    }
}

impl Request<'_> {
    /// What is wrong with what the client got.
    pub(super) fn answer(&self, judged: &Judged) -> Option<(FindingKind, String)> {
        let came = &self.came;
        let wrong = |kind, said: &str| Some((kind, format!("{said}; {}", came.shown())));
        let Some(status) = came.status else {
            return match judged.answer {
                Answer::Nothing => None,
                _ => wrong(FindingKind::DidNotHappen, "it was to be answered"),
            };
        };
        let has_body = self.asked.sent.method != "HEAD";
        match &judged.answer {
            Answer::Nothing => return wrong(FindingKind::Happened, "nobody was to listen there"),
            Answer::OfApp => {
                let expected = self.asked.sent.app_status;
                if status != expected {
                    return wrong(
                        FindingKind::DidNotHappen,
                        &format!("the app's answer {expected} was to come back"),
                    );
                }
                if has_body && let Some(said) = self.not_of_app() {
                    return wrong(FindingKind::CameToSomethingElse, &said);
                }
            }
            Answer::Page { status: expected, own } => {
                if status != *expected {
                    return wrong(
                        FindingKind::Happened,
                        &format!("it was to be refused with status {expected}"),
                    );
                }
                if has_body && let Some(said) = self.not_the_page(own.as_deref()) {
                    return wrong(FindingKind::CameToSomethingElse, &said);
                }
            }
        }
        let id = came.header(EVENT_ID_HEADER).unwrap_or_default();
        match judged.event_id {
            Some(true) if id.is_empty() => {
                wrong(FindingKind::CameToSomethingElse, "the answer was to have an event id")
            }
            Some(false) if !id.is_empty() => wrong(
                FindingKind::CameToSomethingElse,
                &format!("the answer was to have no event id, and has `{id}`"),
            ),
            _ => self.other_header(judged),
        }
    }

    /// Why the body is not what the app sent.
    fn not_of_app(&self) -> Option<String> {
        let text = &self.came.body.text;
        if let Some(own) = &self.asked.own {
            return (*text != own.body).then(|| format!("the app answered `{}`", excerpt(&own.body)));
        }
        let Some(echo) = self.came.body.json() else {
            return Some("the app answered with what it was asked, in JSON".to_owned());
        };
        let announced = self.came.header("content-length").and_then(|length| length.parse::<u64>().ok());
        if announced.is_some_and(|length| length != self.came.body.bytes) || !text.ends_with("}\n") {
            return Some("the app's answer was not whole".to_owned());
        }
        echo["method"].is_null().then(|| "the app answered with the method that it was asked by".to_owned())
    }

    /// Why the body is not that of a page which says that it was refused.
    fn not_the_page(&self, own: Option<&str>) -> Option<String> {
        let text = &self.came.body.text;
        let id = self.came.header(EVENT_ID_HEADER).unwrap_or_default();
        if let Some(own) = own {
            let mut at = 0;
            let parts: Vec<&str> = own.split("#eventID").collect();
            let all_there = parts.iter().all(|part| match text[at..].find(part) {
                Some(found) => {
                    at += found + part.len();
                    true
                }
                None => false,
            });
            let whole = all_there && at == text.len() && !text.contains("#eventID") && text.contains(id);
            return (!whole).then(|| format!("the page was to be `{own}`"));
        }
        let is_html = self.came.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        let folded = text.to_lowercase();
        let is_page = is_html && folded.contains("access denied") && folded.contains(&id.to_lowercase());
        (!is_page)
            .then(|| "the page was to be HTML that says \"Access denied\", with the event id".to_owned())
    }

    /// What is not as it was sent, as the app wrote it down, and as it answered.
    pub(super) fn altered(&self, seen: &HistoryRecord) -> Option<String> {
        let sent = &self.asked.sent;
        let Observation::AppRequest { method, target, .. } = seen.observation() else { return None };
        if (method, target) != (&sent.method, &sent.target) {
            return Some(format!(
                "`{} {}` was sent, and the app saw `{method} {target}`",
                sent.method, sent.target
            ));
        }
        let echo = self.came.body.json().filter(|_| self.asked.own.is_none())?;
        let digest = sent.coded_sha256.clone().unwrap_or_else(|| sha256(sent.body.as_bytes()));
        let (body, found) = (digest, &echo["body"]["sha256"]);
        if found != &Value::String(body) {
            let (bytes, length) = (sent.body.len(), &echo["body"]["length"]);
            return Some(format!(
                "a body of {bytes} bytes was sent, and the app got another one, of {length}"
            ));
        }
        let headers = echo["headers"].as_array()?;
        let lost = sent.headers.iter().find(|(name, value)| {
            !is_of_connection(name)
                && !headers.iter().any(|one| {
                    let is = |at: usize, text: &str| one[at].as_str().is_some_and(|own| own == text);
                    one[0].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name)) && is(1, value)
                })
        });
        lost.map(|(name, value)| format!("the header `{name}: {value}` was sent, and the app did not get it"))
    }
}

/// Headers that a proxy makes anew: framing, and the way of a request.
pub(super) fn is_of_connection(name: &str) -> bool {
    const OWN: [&str; 4] = ["content-length", "transfer-encoding", "connection", "x-forwarded-for"];
    OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
}
