//! Records for the page's script, as JSON inside the page.

use crate::HistoryRecord;
use maud::{Markup, PreEscaped, html};
use proofhouse_protocol::Source;
use serde_json::{Value, json};

/// A script element that holds the records of a scenario; the page reads it when the scenario is opened.
pub(super) fn island(id: &str, records: &[HistoryRecord]) -> Markup {
    let start = records.first().map_or(0, |r| r.monotonic_us);
    let rows: Vec<Value> = records.iter().map(|r| row(r, start)).collect();
    html! { script type="application/json" id=(id) { (PreEscaped(inert(&Value::Array(rows)))) } }
}

fn row(record: &HistoryRecord, start: u64) -> Value {
    // A recording that cannot be written as JSON has nothing to show.
    let mut data = serde_json::to_value(&record.recording.observation).unwrap_or_default();
    let kind = data.as_object_mut().and_then(|o| o.shift_remove("kind")).unwrap_or_default();
    json!({
        "n": record.sequence,
        "t": record.monotonic_us.saturating_sub(start),
        "s": source(&record.recording.source),
        "k": kind,
        "x": record.recording.token,
        "d": data,
    })
}

fn source(source: &Source) -> String {
    match source {
        Source::Runner => "runner".to_owned(),
        Source::Console => "Console".to_owned(),
        Source::Resolver => "resolver".to_owned(),
        Source::Metadata => "metadata".to_owned(),
        Source::Outside(name) => name.clone(),
        Source::Engine => "engine".to_owned(),
        Source::Fargate => "Fargate".to_owned(),
        Source::Container(name) | Source::Actor(name) => name.clone(),
    }
}

/// JSON in which nothing can end the script element: `<`, `>` and `&` only ever stand inside strings, where an escape
/// means the same.
fn inert(value: &Value) -> String {
    value
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn nothing_ends_the_island_and_nothing_changes(text in ".*") {
            for text in [text.clone(), format!("</script><!--{text}")] {
                let safe = inert(&json!([{"k": text}]));
                proptest::prop_assert!(!safe.contains(['<', '>', '&']));
                let back: Value = serde_json::from_str(&safe).unwrap();
                proptest::prop_assert_eq!(back[0]["k"].as_str(), Some(text.as_str()));
            }
        }
    }
}
