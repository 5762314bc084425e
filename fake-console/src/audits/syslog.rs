//! Firewall audits as lines of the Console's syslog (section 2.15 of `waas.md`).
//!
//! The keys are documented; that they stand in this order as `key="value"`, and what `log_type` is, are declared choices.

use serde_json::Value;
use std::fmt::Write as _;

const TAG: &str = "Twistlock-Console";
const TYPE: &str = "app_embedded_app_firewall_audit";

/// Keys with the members that they tell, behind time and type.
const KEYS: [(&str, &str); 14] = [
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
];

/// Those of audits of answers only.
const KEYS_OF_ANSWERS: [(&str, &str); 2] =
    [("status_code", "statusCode"), ("response_header_names", "responseHeaderNames")];

/// The line of a firewall audit, with its tag and without the header that a transport puts before it. Keys without a value are left
/// out.
pub(crate) fn firewall_line(audit: &Value) -> String {
    let mut line = format!("{TAG}:");
    let of_answers = if is_of_answer(audit) { &KEYS_OF_ANSWERS[..] } else { &[] };
    push(&mut line, "time", &text(&audit["time"]));
    push(&mut line, "type", TYPE);
    for (key, member) in KEYS.iter().chain(of_answers) {
        push(&mut line, key, &text(&audit[*member]));
    }
    line
}

/// Whether an audit is about what an answer says. One of a custom rule does not show whether the rule looked at answers.
fn is_of_answer(audit: &Value) -> bool {
    audit["type"] == "informationLeak" || audit["attackField"]["type"] == "rawBodyResponse"
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// A client must not be able to begin a key, or a line, of its own.
fn push(line: &mut String, key: &str, value: &str) {
    if value.is_empty() {
        return;
    }
    let _ = write!(line, " {key}=\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => line.extend(['\\', c]),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                let _ = write!(line, "\\u{:04x}", u32::from(c));
            }
            c => line.push(c),
        }
    }
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn audit() -> Value {
        json!({"_id": "1", "time": "2026-01-02T03:04:05Z", "type": "sqli", "effect": "alert", "msg": "Detected \"x\"",
            "subnet": "203.0.113.7", "connectingIPs": ["203.0.113.7", "10.0.0.1"], "method": "GET", "userAgentHeader": "",
            "requestHost": "h", "url": "h/a", "urlPath": "/a", "urlQuery": "id=1", "requestHeaders": "GET / HTTP/1.1",
            "requestHeaderNames": ["Cookie", "X-Own"], "responseHeaderNames": ["Server"], "statusCode": 200,
            "appID": "task:1", "attackField": {"type": "query", "key": "id", "value": "1"}})
    }

    #[test]
    fn an_audit_of_a_request_has_the_keys_that_have_values() {
        let expected = [
            r#"Twistlock-Console: time="2026-01-02T03:04:05Z" type="app_embedded_app_firewall_audit" effect="alert""#,
            r#"msg="Detected \"x\"" log_type="sqli" source_ip="203.0.113.7" connecting_ips="203.0.113.7,10.0.0.1""#,
            r#"request_method="GET" request_host="h" request_url="h/a" request_path="/a" request_query="id=1""#,
            r#"request_header_names="Cookie,X-Own" app_id="task:1""#,
        ];
        assert_eq!(firewall_line(&audit()), expected.join(" "));
    }

    #[test]
    fn only_audits_of_answers_have_their_status_and_headers() {
        for (member, value) in
            [("type", json!("informationLeak")), ("attackField", json!({"type": "rawBodyResponse"}))]
        {
            let mut of_answer = audit();
            of_answer[member] = value;
            let line = firewall_line(&of_answer);
            assert!(line.ends_with(r#" status_code="200" response_header_names="Server""#), "{line}");
        }
        let empty = firewall_line(&json!({}));
        assert_eq!(empty, r#"Twistlock-Console: type="app_embedded_app_firewall_audit""#);
    }

    proptest! {
        #[test]
        fn no_value_leaves_its_quotes(msg in any::<String>(), agent in "[\"\\\\ =a\r\n]{0,12}") {
            let mut audit = audit();
            audit["msg"] = json!(msg);
            audit["userAgentHeader"] = json!(agent);
            let line = firewall_line(&audit);
            prop_assert!(!line.contains(char::is_control));
            // Outside of quotes there are the keys, and nothing else.
            let (mut outside, mut quoted, mut escaped) = (String::new(), false, false);
            for c in line.chars() {
                match c {
                    _ if escaped => escaped = false,
                    '\\' if quoted => escaped = true,
                    '"' => quoted = !quoted,
                    c if !quoted => outside.push(c),
                    _ => {}
                }
            }
            prop_assert!(!quoted);
            let known = |word: &str| KEYS.iter().any(|(key, _)| word == format!("{key}="));
            let mut words = outside.split(' ').skip(1);
            prop_assert!(words.all(|word| matches!(word, "time=" | "type=") || known(word)), "{}", line);
        }
    }
}
