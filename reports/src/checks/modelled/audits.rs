//! Audits of one trial, beside those that are owed for it.

use super::super::act::Act;
use super::super::audit::AuditView;
use super::super::text::domain;
use super::Tried;
use super::finding::FindingKind;
use super::trace::Trace;
use jiff::{SignedDuration, Timestamp};
use proofhouse_model::{Audit, Deed};
use serde::Serialize;
use serde_json::Value;

/// An audit that is owed for a deed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owed<'a> {
    pub audit: &'a Audit,
    pub deed: &'a Deed,
    /// Place among the deeds of the trial.
    pub place: usize,
}

/// What audits of a trial are compared with beside what is owed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub trace: &'a Trace<'a>,
    pub began: usize,
    pub act: &'a Act<'a>,
    pub tried: &'a Tried,
    pub image: &'a str,
}

/// What is wrong, in words, and the records on which that stands.
pub(super) type Difference = (FindingKind, String, Vec<u64>);

/// A Defender may keep the time of an audit in whole seconds.
const COARSE: SignedDuration = SignedDuration::from_secs(1);

/// What of these audits is not as it is owed.
pub(super) fn compare(owed: &[Owed<'_>], seen: &[AuditView<'_>], frame: &Frame<'_>) -> Vec<Difference> {
    let mut left: Vec<&AuditView<'_>> = seen.iter().collect();
    let mut wrong = Vec::new();
    for one in owed {
        // The nearest: of the same subject with the fewest differences, else of the same kind.
        let about = left.iter().enumerate().filter(|(_, audit)| is_about(audit, one.deed));
        let nearest = about.min_by_key(|(_, audit)| differences(audit, one, frame).len()).map(|(at, _)| at);
        let of_kind = || left.iter().position(|audit| audit.text("attackType") == one.audit.attack_type);
        match nearest.or_else(of_kind) {
            Some(at) => wrong.extend(differences(left.remove(at), one, frame)),
            None => wrong.push((
                FindingKind::AuditMissing,
                format!("an audit is owed, {}, and none has come", shown(one)),
                vec![frame.act.record.sequence],
            )),
        }
    }
    wrong.extend(left.into_iter().map(|audit| {
        let said = format!("an audit that is not owed: {}", audit.describe(frame.trace.records));
        (FindingKind::AuditUnexpected, said, vec![audit.record.sequence])
    }));
    wrong
}

fn is_about(audit: &AuditView<'_>, deed: &Deed) -> bool {
    match deed {
        Deed::Start(launched) => {
            audit.text("domain").is_empty() && audit.text("processPath") == launched.executable
        }
        Deed::Question(name) => domain(audit.text("domain")) == domain(name),
    }
}

fn shown(owed: &Owed<'_>) -> String {
    let about = match owed.deed {
        Deed::Start(launched) => &launched.executable,
        Deed::Question(name) => name,
    };
    let Audit { rule, attack_type, effect, .. } = owed.audit;
    format!("{attack_type} of {about}, {effect:?}, by \"{rule}\"")
}

fn differences(audit: &AuditView<'_>, owed: &Owed<'_>, frame: &Frame<'_>) -> Vec<Difference> {
    let mut wrong = Vec::new();
    let mut differs = |member: &'static str, expected: &str, found: &str| {
        if expected != found {
            let said =
                format!("{member} of an audit is `{found}`, and `{expected}` is right ({})", shown(owed));
            wrong.push((FindingKind::AuditSays(member), said, vec![audit.record.sequence]));
        }
    };
    differs("type", &word(&owed.audit.kind), audit.text("type"));
    differs("attackType", owed.audit.attack_type, audit.text("attackType"));
    differs("effect", &word(&owed.audit.effect), audit.text("effect"));
    differs("ruleName", &owed.audit.rule, audit.text("ruleName"));
    differs("containerName", &frame.tried.container, audit.text("containerName"));
    differs("imageName", frame.image, audit.text("imageName"));
    differs("appID", frame.trace.app_id, audit.text("appID"));
    differs("hostname", frame.trace.app_id, audit.text("hostname"));
    let technique = audit.audit["attackTechniques"][0].as_str().unwrap_or_default();
    differs("attackTechniques", owed.audit.technique.unwrap_or_default(), technique);
    let count = audit.audit["count"].as_u64().unwrap_or(1).to_string();
    differs("count", "1", &count);
    match owed.deed {
        Deed::Start(launched) => differs("processPath", &launched.executable, audit.text("processPath")),
        Deed::Question(name) => differs("domain", &domain(name), &domain(audit.text("domain"))),
    }
    // Of several programs only the last is sure to run as the user of the trial; those before may be root's.
    let user = audit.member("user").and_then(Value::as_str).unwrap_or(&frame.tried.user);
    if owed.place + 1 == frame.tried.deeds.len() || user != "root" {
        differs("user", &frame.tried.user, user);
    }
    // What the actor starts first is the process that it tells of.
    if let (Some(pid), Some(own)) = (audit.audit["pid"].as_i64(), frame.act.pid())
        && owed.place == 0
    {
        differs("pid", &own.to_string(), &pid.to_string());
    }
    if let Some(said) = untimely(audit, frame.trace, frame.began) {
        wrong.push((FindingKind::AuditSays("time"), said, vec![audit.record.sequence]));
    }
    wrong
}

/// The time of an audit is between the beginning of what caused it and its arrival.
pub(super) fn untimely(audit: &AuditView<'_>, trace: &Trace<'_>, began: usize) -> Option<String> {
    let time = audit.text("time");
    let Ok(told) = time.parse::<Timestamp>() else {
        return Some(format!("the time `{time}` of an audit is none"));
    };
    let began = trace.records[began].time;
    let arrived = audit.record.time;
    let early = began.duration_since(told) > COARSE;
    let late = told > arrived;
    (early || late).then(|| {
        format!(
            "an audit has the time {told}; what it tells of began at {began}, and it arrived at {arrived}"
        )
    })
}

/// A word of the protocol.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}
