//! Audits of one request, beside those that are owed for it.

use super::super::audit::AuditView;
use super::super::exchange::EVENT_ID_HEADER;
use super::audits::{Difference, untimely, word};
use super::came::{Came, is_of_connection};
use super::finding::FindingKind;
use super::headers::other_names_of_answer;
use super::trace::Trace;
use proofhouse_model::requests::{Sent, Told};
use serde_json::Value;
use std::collections::BTreeSet;

/// What audits of a request are compared with beside what is owed.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub trace: &'a Trace<'a>,
    pub began: usize,
    pub sent: &'a Sent,
    pub came: &'a Came<'a>,
    /// The app's where it got the request, also if its answer was refused; else what the client got.
    pub status: Option<u16>,
    /// Whether the app got the request.
    pub reached_app: bool,
}

/// What of these audits is not as it is owed.
pub(super) fn compare(owed: &[Told], seen: &[AuditView<'_>], frame: &Frame<'_>) -> Vec<Difference> {
    let mut left: Vec<&AuditView<'_>> = seen.iter().collect();
    let mut wrong = Vec::new();
    for one in owed {
        let of_kind = left.iter().enumerate().filter(|(_, audit)| audit.text("type") == one.kind);
        let nearest = of_kind.min_by_key(|(_, audit)| differences(audit, one, frame).len()).map(|(at, _)| at);
        match nearest {
            Some(at) => wrong.extend(differences(left.remove(at), one, frame)),
            None => wrong.push((
                FindingKind::AuditMissing,
                format!("an audit is owed, {}, and none has come", shown(one)),
                vec![frame.came.record.sequence],
            )),
        }
    }
    wrong.extend(left.into_iter().map(|audit| {
        let said = format!("an audit that is not owed: {}", audit.describe(frame.trace.records));
        (FindingKind::AuditUnexpected, said, vec![audit.record.sequence])
    }));
    wrong
}

fn shown(owed: &Told) -> String {
    let Told { rule, app, kind, effect, .. } = owed;
    format!("{kind}, {effect}, by \"{rule}\", {app}")
}

fn differences(audit: &AuditView<'_>, owed: &Told, frame: &Frame<'_>) -> Vec<Difference> {
    let mut wrong = Vec::new();
    let mut differs = |member: &'static str, expected: &str| {
        let found = match audit.member(member) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        };
        if expected != found {
            let said =
                format!("{member} of an audit is `{found}`, and `{expected}` is right ({})", shown(owed));
            wrong.push((FindingKind::AuditSays(member), said, vec![audit.record.sequence]));
        }
    };
    let Frame { sent, came, trace, .. } = frame;
    let host = sent.header("host").unwrap_or_default();
    differs("effect", &word(&owed.effect));
    differs("ruleName", &owed.rule);
    differs("ruleAppID", &owed.app);
    differs("appID", trace.app_id);
    differs("hostname", trace.app_id);
    differs("firewallType", "app-embedded");
    differs("host", "true");
    differs("containerName", "");
    differs("method", &sent.method);
    differs("urlPath", sent.path());
    differs("urlQuery", sent.query());
    differs("requestHost", host);
    differs("url", &format!("{host}{}", sent.path()));
    differs("userAgentHeader", sent.header("user-agent").unwrap_or_default());
    differs("subnet", &owed.client.to_string());
    differs("count", "1");
    differs("statusCode", &frame.status.map(|status| status.to_string()).unwrap_or_default());
    if let Some(msg) = &owed.msg {
        differs("msg", msg);
    }
    if let Some(protection) = owed.protection {
        differs("protection", protection);
    }
    if let Some(id) = came.header(EVENT_ID_HEADER) {
        differs("eventID", id);
    }
    if let Some(place) = &owed.place {
        differs("/attackField/type", place.spot.word().unwrap_or_default());
        differs("/attackField/key", &place.key);
        if place.sure {
            differs("/attackField/value", &place.value);
        }
    }
    let first = format!("{} {} HTTP/1.1\r\nHost: {host}\r\n", sent.method, sent.target);
    if !audit.text("requestHeaders").starts_with(&first) {
        let said =
            format!("requestHeaders of an audit begin with something else than `{}`", first.trim_end());
        wrong.push((FindingKind::AuditSays("requestHeaders"), said, vec![audit.record.sequence]));
    }
    if let Some(said) = other_names(audit, sent) {
        wrong.push((FindingKind::AuditSays("requestHeaderNames"), said, vec![audit.record.sequence]));
    }
    let of_app = sent.app_answer.as_ref().filter(|_| frame.reached_app);
    if let Some(said) = of_app.and_then(|answer| other_names_of_answer(audit, answer)) {
        wrong.push((FindingKind::AuditSays("responseHeaderNames"), said, vec![audit.record.sequence]));
    }
    if let Some(said) = untimely(audit, trace, frame.began) {
        wrong.push((FindingKind::AuditSays("time"), said, vec![audit.record.sequence]));
    }
    wrong
}

/// The names of its headers are those that were sent, in their order, without the host.
fn other_names(audit: &AuditView<'_>, sent: &Sent) -> Option<String> {
    let told = audit.member("requestHeaderNames").and_then(Value::as_array);
    let told: Vec<String> =
        told.into_iter().flatten().filter_map(Value::as_str).map(str::to_ascii_lowercase).collect();
    let found: Vec<&str> = told.iter().map(String::as_str).filter(|name| !is_of_connection(name)).collect();
    let names = sent.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
    let wanted: BTreeSet<String> = names
        .chain(["x-proofhouse-token".to_owned()])
        .filter(|name| !is_of_connection(name) && name != "host")
        .collect();
    let same = found.iter().copied().eq(wanted.iter().map(String::as_str));
    (!same).then(|| format!("requestHeaderNames of an audit are {found:?}, and {wanted:?} were sent"))
}
