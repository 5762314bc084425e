//! Audits as CSV: `Apps` is the column of App IDs since 22.06 [RN]; no audits is the words `no data` [DUMP].

use serde_json::Value;
use std::fmt::Write as _;

const RUNTIME: [(&str, &str); 15] = [
    ("Time", "time"),
    ("Apps", "appID"),
    ("Container", "containerName"),
    ("Image", "imageName"),
    ("Rule", "ruleName"),
    ("Type", "type"),
    ("Attack Type", "attackType"),
    ("Effect", "effect"),
    ("Severity", "severity"),
    ("Count", "count"),
    ("Message", "msg"),
    ("User", "user"),
    ("Process", "processPath"),
    ("Cluster", "cluster"),
    ("Collections", "collections"),
];

const FIREWALL: [(&str, &str); 15] = [
    ("Time", "time"),
    ("Apps", "appID"),
    ("Rule", "ruleName"),
    ("Rule App ID", "ruleAppID"),
    ("Type", "type"),
    ("Effect", "effect"),
    ("Count", "count"),
    ("Message", "msg"),
    ("Client", "subnet"),
    ("Method", "method"),
    ("URL", "url"),
    ("User Agent", "userAgentHeader"),
    ("Status Code", "statusCode"),
    ("Event ID", "eventID"),
    ("Collections", "collections"),
];

/// Runtime audits.
pub(crate) fn runtime_csv(rows: &[Value]) -> String {
    table(&RUNTIME, rows)
}

/// WAAS audits.
pub(crate) fn firewall_csv(rows: &[Value]) -> String {
    table(&FIREWALL, rows)
}

fn table(columns: &[(&str, &str)], rows: &[Value]) -> String {
    if rows.is_empty() {
        return "no data".to_owned();
    }
    let mut text = columns.iter().map(|(title, _)| *title).collect::<Vec<_>>().join(",");
    text.push_str("\r\n");
    for row in rows {
        let cells: Vec<String> = columns.iter().map(|(_, member)| cell(&row[*member])).collect();
        let _ = write!(text, "{}\r\n", cells.join(","));
    }
    text
}

fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cell_with_a_comma_a_quote_or_a_line_end_is_quoted() {
        let rows = [json!({"time": "t", "appID": "a:1", "msg": "said \"x, y\"\nz", "count": 2})];
        let text = runtime_csv(&rows);
        assert!(text.starts_with("Time,Apps,Container,"), "{text}");
        assert!(text.contains("t,a:1,,,,,,,,2,\"said \"\"x, y\"\"\nz\",,,,\r\n"), "{text}");
    }

    #[test]
    fn no_rows_is_said_in_words() {
        assert_eq!(firewall_csv(&[]), "no data");
    }
}
