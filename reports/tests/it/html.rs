//! The page: well-formed, self-contained, safe.

use crate::sample;
use crate::sample::tape::{Tape, meta};
use proofhouse_protocol::observation::{LogStream, StepStatus};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::Level;
use proofhouse_reports::history::by_scenario;
use proofhouse_reports::report::assemble;
use proofhouse_reports::write::to_html;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;

fn page() -> String {
    let records = sample::history();
    to_html(&assemble(&records).unwrap(), &records)
}

/// The page without the content of scripts and styles, and these contents.
fn split(page: &str) -> (String, Vec<String>) {
    let raw = Regex::new(r"(?s)(<(?:script|style)[^>]*>)(.*?)(</(?:script|style)>)").unwrap();
    let contents = raw.captures_iter(page).map(|c| c[2].to_owned()).collect();
    (raw.replace_all(page, "$1$3").into_owned(), contents)
}

const VOID: [&str; 5] = ["meta", "link", "input", "br", "hr"];

/// Every element is closed in the order in which it was opened.
fn balanced(markup: &str) -> Result<(), String> {
    let tag = Regex::new(r#"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"]*")?)*)\s*>"#).unwrap();
    let rest = tag.replace_all(markup, "");
    if let Some(at) = rest.replace("<!DOCTYPE html>", "").find(['<', '>']) {
        return Err(format!(
            "a stray bracket near `{}`",
            rest.chars().skip(at.saturating_sub(30)).take(80).collect::<String>()
        ));
    }
    let mut open: Vec<String> = Vec::new();
    for found in tag.captures_iter(markup) {
        let name = found[2].to_ascii_lowercase();
        if VOID.contains(&name.as_str()) {
            continue;
        }
        if &found[1] == "/" {
            match open.pop() {
                Some(last) if last == name => {}
                other => return Err(format!("</{name}> closes {other:?}")),
            }
        } else {
            open.push(name);
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("never closed: {open:?}")) }
}

#[test]
fn the_page_is_well_formed() {
    let (markup, _) = split(&page());
    assert_eq!(balanced(&markup), Ok(()));
    assert!(balanced("<p><b></p></b>").is_err() && balanced("<p>").is_err() && balanced("a < b").is_err());
}

#[test]
fn ids_are_unique_and_every_link_leads_somewhere() {
    let (markup, _) = split(&page());
    let ids: Vec<_> =
        Regex::new(r#"\sid="([^"]*)""#).unwrap().captures_iter(&markup).map(|c| c[1].to_owned()).collect();
    let unique: BTreeSet<_> = ids.iter().cloned().collect();
    assert_eq!(ids.len(), unique.len(), "an id stands twice");
    let links: Vec<_> =
        Regex::new(r#"href="([^"]*)""#).unwrap().captures_iter(&markup).map(|c| c[1].to_owned()).collect();
    assert!(links.len() > 100);
    // Records have no elements until the script draws them; they are in the island of their scenario.
    for link in links.iter().filter(|l| *l != "data:," && !l.starts_with("#record-")) {
        let id = link.strip_prefix('#').unwrap_or_else(|| panic!("`{link}` leaves the page"));
        assert!(unique.contains(id), "`{link}` leads nowhere");
    }
    for id in ["process-001", "req-P1", "req-T96", "scenarios", "requirements", "about"] {
        assert!(unique.contains(id), "`{id}` can be linked to");
    }
}

/// The rows of an island.
fn island(page: &str, id: &str) -> Vec<Value> {
    let island = format!(r#"(?s)<script type="application/json" id="{id}">(.*?)</script>"#);
    let found = Regex::new(&island).unwrap().captures(page).unwrap();
    serde_json::from_str(&found[1]).unwrap()
}

#[test]
fn each_finding_stands_under_its_step_and_links_to_records_of_its_scenario() {
    let page = page();
    let scenario =
        Regex::new(r#"(?s)<details class="scenario" id="([^"]*)".*?data-evidence="([^"]*)">(.*?)<noscript>"#)
            .unwrap();
    let link = Regex::new(r##"<a href="#record-(\d+)" data-record="(\d+)">record (\d+)</a>"##).unwrap();
    let mut linked = 0;
    for found in scenario.captures_iter(&page) {
        let own: BTreeSet<_> =
            island(&page, &found[2]).iter().map(|row| row["n"].as_u64().unwrap()).collect();
        for record in link.captures_iter(&found[3]) {
            assert_eq!((&record[1], &record[2]), (&record[2], &record[3]));
            assert!(
                own.contains(&record[1].parse().unwrap()),
                "record {} is not one of {}",
                &record[1],
                &found[1]
            );
            linked += 1;
        }
    }
    assert!(linked > 100, "{linked}");
    let report = assemble(&sample::history()).unwrap();
    let made = report.results.iter().map(|r| r.findings.len()).sum::<usize>();
    assert_eq!(page.matches("<details class=\"input\">").count(), made, "each is shown once");
    for words in ["failed: the Console", "failed: the simulated Fargate", "failed: the Defender"] {
        assert!(page.contains(words), "{words}");
    }
    let step = page.split("<li class=\"s-failed\">").nth(1).unwrap();
    assert!(
        step.split("</li>").next().unwrap().contains("class=\"finding v-failed\""),
        "a step has its findings"
    );
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let page = page();
    let (markup, contents) = split(&page);
    assert!(!markup.contains(" src="));
    let style = contents.iter().find(|c| c.contains(":root")).unwrap();
    assert!(!style.contains("url(") && !style.contains("@import"));
    let script = contents.iter().find(|c| c.contains("use strict")).unwrap();
    for word in
        ["fetch(", "XMLHttpRequest", "import(", "innerHTML", "insertAdjacentHTML", "document.write", "eval("]
    {
        assert!(!script.contains(word), "{word}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn each_scenario_has_its_records() {
    let records = sample::history();
    let page = page();
    for (index, (id, own)) in by_scenario(&records).into_iter().enumerate() {
        let rows = island(&page, &format!("evidence-{index}"));
        assert_eq!(rows.len(), own.len(), "{id}");
        for (row, record) in rows.iter().zip(&own) {
            let json = serde_json::to_value(record).unwrap();
            assert_eq!((&row["n"], &row["k"]), (&json["seq"], &json["kind"]), "{id}");
            assert_eq!(row["x"].as_str(), record.token(), "{id}");
            assert_eq!(row["t"].as_u64(), Some(record.monotonic_us - own[0].monotonic_us), "{id}");
            assert!(row["d"].is_object());
        }
    }
}

#[test]
fn what_a_defender_or_an_attacker_writes_stays_text() {
    let evil = r#"</script><script>alert(1)</script><img src=x onerror=alert(1)>"'&`<!--"#;
    let mut tape = Tape::default();
    let mut header = sample::header();
    header.implementation.name = evil.into();
    header.environment.kernel = evil.into();
    tape.run(Source::Runner, header.to_observation());
    let mut info = meta("evil-001", evil, evil, &["P1"], Level::Core);
    info.rule = Some(evil.into());
    info.tags.push(evil.into());
    let mut scene = tape.scene(&info);
    scene.stimulus("t-1", evil).exchange("t-1", evil, 200, None, evil);
    scene.ended("When", evil, StepStatus::Failed, Some(evil));
    scene.add(
        Source::Container(evil.into()),
        Observation::Log { stream: LogStream::Stderr, line: evil.into() },
    );
    scene.end();
    let report = assemble(&tape.records).unwrap();
    let page = to_html(&report, &tape.records);
    let (markup, contents) = split(&page);
    assert_eq!(balanced(&markup), Ok(()));
    assert!(!markup.contains("<img") && !page.contains("<script>alert"));
    assert_eq!(contents.len(), 3, "one style, one island, one script");
    let island: Value = serde_json::from_str(&contents[1]).unwrap();
    let line = island.as_array().unwrap().iter().find(|r| r["k"] == "log").unwrap();
    assert_eq!(line["d"]["line"], evil, "the evidence is not changed");
}

#[test]
fn thousands_of_records_stay_out_of_the_markup() {
    let mut tape = Tape::default();
    tape.run(Source::Runner, sample::header().to_observation());
    let mut scene = tape.scene(&meta("big-001", "t", "f", &[], Level::Core));
    for n in 0..20_000 {
        let log = Observation::Log { stream: LogStream::Stdout, line: format!("line {n}") };
        scene.add(Source::Container("app".into()), log);
    }
    scene.step("When", "x").end();
    let report = assemble(&tape.records).unwrap();
    let (markup, _) = split(&to_html(&report, &tape.records));
    assert!(!markup.contains("line 19999"));
    assert!(markup.len() < 200_000, "{}", markup.len());
}
