//! What the Console's syslog says of the firewall audits of a stimulus (section 2.15 of `waas.md`).

use super::audit::AuditView;
use super::audit_says;
use super::evidence::Evidence;
use super::outcome::Conclusion;
use crate::HistoryRecord;
use proofhouse_protocol::observation::{Blame, Observation, Plane};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

const TAG: &str = "Twistlock-Console: ";

/// Keys that a line may have, each with the member of the audit that it tells.
const KEYS: &[(&str, &str)] = &[
    ("time", "time"),
    ("effect", "effect"),
    ("msg", "msg"),
    ("log_type", "type"),
    ("source_ip", "subnet"),
    ("source_country", "country"),
    ("connecting_ips", "connectingIPs"),
    ("request_method", "method"),
    ("request_user_agents", "userAgentHeader"),
    ("request_host", "requestHost"),
    ("request_url", "url"),
    ("request_path", "urlPath"),
    ("request_query", "urlQuery"),
    ("request_header_names", "requestHeaderNames"),
    ("app_id", "appID"),
    ("status_code", "statusCode"),
    ("response_header_names", "responseHeaderNames"),
];

/// Those that only audits of answers have.
const OF_ANSWERS: [&str; 2] = ["status_code", "response_header_names"];

/// Input of the check: each firewall audit of a stimulus has one line in the syslog, with the tag and the type of such audits, and
/// every documented key whose value it has, none besides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyslogLines {
    /// Stimulus.
    pub token: String,
    /// Keys with what they say in all of these lines; those with an empty value are in none.
    #[serde(default)]
    pub keys: BTreeMap<String, String>,
}

impl SyslogLines {
    pub(super) fn judge(&self, evidence: Evidence<'_>) -> Conclusion {
        let audits = match audit_says::of(evidence, &self.token) {
            Ok(audits) => audits,
            Err(conclusion) => return conclusion,
        };
        let mut on: Vec<_> = audits.iter().map(|audit| audit.record.sequence).collect();
        let mut wrong = Vec::new();
        for audit in &audits {
            // The Console writes the line when the audit comes.
            let behind = &evidence.records()[audit.index + 1..];
            let lines: Vec<_> =
                behind.iter().take_while(|record| !is_firewall_audit(record)).filter_map(line).collect();
            on.extend(lines.iter().map(|(record, _)| record.sequence));
            match lines[..] {
                [(_, line)] => wrong.extend(self.faults(audit, line)),
                _ => wrong.push(format!("audit {} has {} lines", audit.sequence, lines.len())),
            }
        }
        if wrong.is_empty() {
            return Conclusion::holds("the syslog has a line of each audit, which says the same").on(on);
        }
        let said = format!("expected a line in the syslog for each audit; {}", wrong.join("; "));
        Conclusion::broken(Blame::Console, said).on(on)
    }

    fn faults(&self, audit: &AuditView<'_>, line: &str) -> Vec<String> {
        let Some(pairs) = line.strip_prefix(TAG).and_then(pairs) else {
            return vec![format!("`{line}` is no line of the Console's")];
        };
        let mut wrong = Vec::new();
        let mut expected: BTreeMap<&str, String> =
            [("type", "app_embedded_app_firewall_audit".to_owned())].into();
        for (key, member) in KEYS {
            let value = audit.member(member).map(text).unwrap_or_default();
            if !value.is_empty() && (!OF_ANSWERS.contains(key) || is_of_answer(audit)) {
                expected.insert(key, value);
            }
        }
        for (key, value) in &expected {
            let own: Vec<_> =
                pairs.iter().filter(|(known, _)| known == key).map(|(_, value)| value).collect();
            if own != [value] {
                wrong.push(format!("expected {key} to say `{value}`, saw {own:?}"));
            }
        }
        for (key, _) in &pairs {
            if !expected.contains_key(key.as_str()) {
                wrong.push(format!("`{key}` is not among the keys of such a line"));
            }
        }
        for (key, value) in &self.keys {
            let own = pairs.iter().find(|(known, _)| known == key).map_or("", |(_, value)| value);
            if own != value {
                wrong.push(format!("expected {key} to say `{value}`, it says `{own}`"));
            }
        }
        wrong
    }
}

fn line(record: &HistoryRecord) -> Option<(&HistoryRecord, &str)> {
    match record.observation() {
        Observation::SyslogLine { line } => Some((record, line.as_str())),
        _ => None,
    }
}

fn is_firewall_audit(record: &HistoryRecord) -> bool {
    matches!(record.observation(), Observation::Audit { plane: Plane::Firewall, .. })
}

fn is_of_answer(audit: &AuditView<'_>) -> bool {
    audit.text("type") == "informationLeak" || audit.text("/attackField/type") == "rawBodyResponse"
}

/// A value as a line has it: elements of a list with a comma between them.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// `key="value"` with a blank between them; within quotes a backslash stands before quotes, backslashes and what is no character.
fn pairs(line: &str) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (key, behind) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut characters = behind.char_indices();
        let end = loop {
            match characters.next()? {
                (at, '"') => break at + 1,
                (_, '\\') => value.push(match characters.next()?.1 {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'u' => {
                        let digits: String = characters.by_ref().take(4).map(|(_, c)| c).collect();
                        char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
                    }
                    other => other,
                }),
                (_, c) => value.push(c),
            }
        };
        pairs.push((key.to_owned(), value));
        rest = &behind[end..];
        rest = if rest.is_empty() { rest } else { rest.strip_prefix(' ')? };
    }
    Some(pairs)
}
