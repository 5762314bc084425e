//! Headers of an answer of the app, beside what was judged.

use super::super::audit::AuditView;
use super::super::exchange::EVENT_ID_HEADER;
use super::came::is_of_connection;
use super::finding::FindingKind;
use super::visit::Request;
use proofhouse_model::requests::{AppAnswer, Judged};
use serde_json::Value;
use std::collections::BTreeSet;

/// Headers that whoever answers gives of itself.
const OWN: [&str; 3] = ["date", "keep-alive", EVENT_ID_HEADER];

impl Request<'_> {
    /// The first header whose lines are others than were judged, in number or values. Their order among each other says nothing.
    pub(super) fn other_header(&self, judged: &Judged) -> Option<(FindingKind, String)> {
        let expected = judged.headers.as_ref()?;
        let found = |name: &str| -> Vec<&str> {
            let lines = self.came.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
            lines.map(|(_, value)| value.as_str()).collect()
        };
        let came = self.came.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
        let names: BTreeSet<String> = came.chain(expected.names().map(str::to_owned)).collect();
        names.into_iter().filter(|name| !is_of_whoever_answers(name)).find_map(|name| {
            let (found, ways) = (found(&name), expected.ways(&name));
            let same = ways.iter().any(|way| alike(&name, way) == alike(&name, &found));
            let right: Vec<_> = ways.iter().map(|way| format!("{way:?}")).collect();
            let said = format!(
                "the header `{name}` of the answer was to be {}, and is {found:?}",
                right.join(" or ")
            );
            (!same).then_some((FindingKind::HeaderOfAnswer(name), said))
        })
    }
}

/// The names of headers in an audit of a request that the app has answered are those of the app's answer (section 1.5 of `waas.md`).
pub(super) fn other_names_of_answer(audit: &AuditView<'_>, answer: &AppAnswer) -> Option<String> {
    let told = audit.member("responseHeaderNames").and_then(Value::as_array);
    let told = told.into_iter().flatten().filter_map(Value::as_str).map(str::to_ascii_lowercase);
    let kept = |name: &String| !is_of_whoever_answers(name);
    let told: BTreeSet<String> = told.filter(kept).collect();
    let wanted = answer.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
    let wanted: BTreeSet<String> = wanted.filter(kept).collect();
    (told != wanted).then(|| {
        format!("responseHeaderNames of an audit are {told:?}, and the app answered with {wanted:?}")
    })
}

fn is_of_whoever_answers(name: &str) -> bool {
    is_of_connection(name) || OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Lines in a form in which those are equal that say the same: attributes of a cookie have no order, and their names no case (RFC 6265).
fn alike<T: AsRef<str>>(name: &str, lines: &[T]) -> Vec<String> {
    let cookie = |line: &str| {
        let mut parts = line.split(';').map(str::trim);
        let pair = parts.next().unwrap_or_default().to_owned();
        let mut attributes: Vec<_> = parts.map(attribute).collect();
        attributes.sort();
        std::iter::once(pair).chain(attributes).collect::<Vec<_>>().join("; ")
    };
    let lines = lines.iter().map(|line| match name {
        "set-cookie" => cookie(line.as_ref()),
        _ => line.as_ref().trim().to_owned(),
    });
    let mut all: Vec<_> = lines.collect();
    all.sort();
    all
}

/// An attribute of a cookie, without the case of its name; the words of `SameSite` have none either.
fn attribute(text: &str) -> String {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
    let value = if name == "samesite" { value.to_ascii_lowercase() } else { value.to_owned() };
    format!("{name}={value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_alike_that_say_the_same() {
        let cookies = |one: &[&str], other: &[&str]| alike("set-cookie", one) == alike("set-cookie", other);
        assert!(cookies(&["a=b; Path=/; Secure", "c=d"], &["c=d", "a=b;secure; path=/"]));
        assert!(cookies(&["a=b; samesite=strict"], &["a=b; SameSite=Strict"]));
        assert!(!cookies(&["a=b; Path=/A"], &["a=b; Path=/a"]));
        assert!(!cookies(&["a=b; Secure"], &["A=b; Secure"]));
        assert!(!cookies(&["a=b"], &["a=b", "a=b"]));
        assert!(alike("via", &["1", "2"]) == alike("via", &["2", " 1"]));
        assert!(alike("via", &["1, 2"]) != alike("via", &["2", "1"]));
    }
}
