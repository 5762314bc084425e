//! The Console's syslog.

use super::case::{Case, case, run};
use crate::sample::tape::Scene;
use proofhouse_protocol::Observation;
use proofhouse_protocol::observation::{Blame, Pipeline, Plane, Source};
use proofhouse_reports::Check;
use proofhouse_reports::checks::SyslogLines;
use serde_json::{Value, json};

const LINE: &str = r#"Twistlock-Console: time="2026-01-05T09:00:01Z" type="app_embedded_app_firewall_audit" effect="prevent" msg="a \"b\"\n\u0001" log_type="sqli" connecting_ips="1.1.1.1,2.2.2.2" request_url="h/?w-1""#;

fn attacked(s: &mut Scene<'_>) {
    s.protected().stimulus("w-1", "GET /").exchange("w-1", "/", 403, Some("id-1"), "Access denied");
}

fn audit() -> Value {
    json!({"time": "2026-01-05T09:00:01Z", "type": "sqli", "effect": "prevent", "msg": "a \"b\"\n\u{1}", "url": "h/?w-1",
        "connectingIPs": ["1.1.1.1", "2.2.2.2"], "country": "", "statusCode": 403, "responseHeaderNames": ["Server"],
        "requestHeaders": "GET / HTTP/1.1\r\nX-Proofhouse-Token: w-1"})
}

fn told(audit: Value, lines: &[&str]) -> impl Fn(&mut Scene<'_>) + use<> {
    let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    move |s| {
        attacked(s);
        s.audit(Plane::Firewall, audit.clone());
        for line in &lines {
            s.add(Source::Console, Observation::SyslogLine { line: line.clone() });
        }
    }
}

fn check(keys: &[(&str, &str)]) -> Check {
    let keys = keys.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Check::Syslog(SyslogLines { token: "w-1".into(), keys })
}

pub fn cases() -> Vec<Case> {
    let all = check(&[]);
    let of_answer = |kind: &str| {
        let mut audit = audit();
        audit["type"] = json!(kind);
        audit
    };
    let with = |line: &str| told(audit(), &[line]);
    let more = format!("{LINE} status_code=\"403\"");
    let answer = LINE.replace("sqli", "informationLeak");
    let whole = format!("{answer} status_code=\"403\" response_header_names=\"Server\"");
    vec![
        case("one line, which says the same", &all, with(LINE)).holds(&["a line of each audit"]),
        case("what it must say", &check(&[("log_type", "sqli"), ("status_code", "")]), with(LINE)).holds(&[]),
        case("what it does not say", &check(&[("log_type", "xss")]), with(LINE))
            .broken(Blame::Console, &["expected log_type to say `xss`"]),
        case("no line", &all, told(audit(), &[])).broken(Blame::Console, &["audit 1 has 0 lines"]),
        case("two lines", &all, told(audit(), &[LINE, LINE])).broken(Blame::Console, &["has 2 lines"]),
        case("another tag", &all, with(&LINE.replace("Twistlock-Console", "Defender")))
            .broken(Blame::Console, &["is no line of the Console's"]),
        case("another type", &all, with(&LINE.replace("app_embedded", "container")))
            .broken(Blame::Console, &["type"]),
        case("a key is missing", &all, with(&LINE.replace(" effect=\"prevent\"", "")))
            .broken(Blame::Console, &["expected effect to say `prevent`, saw []"]),
        case("a key says something else", &all, with(&LINE.replace("prevent", "alert")))
            .broken(Blame::Console, &["saw [\"alert\"]"]),
        case("a quote that ends the value", &all, with(&LINE.replace("\\\"b", "\"b")))
            .broken(Blame::Console, &["is no line"]),
        case("an empty key", &all, with(&format!("{LINE} source_country=\"\"")))
            .broken(Blame::Console, &["`source_country` is not among the keys"]),
        case("a key of answers in the audit of a request", &all, with(&more))
            .broken(Blame::Console, &["`status_code` is not among"]),
        case("the audit of an answer", &all, told(of_answer("informationLeak"), &[&whole])).holds(&[]),
        case("the audit of an answer without its keys", &all, told(of_answer("informationLeak"), &[&answer]))
            .broken(Blame::Console, &["expected status_code to say `403`"]),
        case("no audit yet", &all, attacked).unproved(&["no fence of the audits"]),
        case("no audit", &all, |s| {
            attacked(s);
            s.fence(Pipeline::Audits, "f-1");
        })
        .broken(Blame::Defender, &["expected an audit"]),
    ]
}

#[test]
fn lines_of_the_syslog() {
    run(&cases());
}
