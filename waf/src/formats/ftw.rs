//! Regression tests of the OWASP Core Rule Set (go-ftw).

use super::yaml;
use crate::case::{Case, Corpus, Expect, Inexpressible, RuleIds};
use crate::draft::Draft;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
struct File {
    #[serde(default)]
    rule_id: Option<u32>,
    tests: Vec<Test>,
}

#[derive(Debug, Deserialize)]
struct Test {
    #[serde(default)]
    test_id: Option<u32>,
    #[serde(default)]
    test_title: Option<String>,
    stages: Vec<Staged>,
}

/// Older files put a stage into an object of its own.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Staged {
    Nested { stage: Stage },
    Flat(Stage),
}

#[derive(Debug, Deserialize)]
struct Stage {
    input: Input,
    #[serde(default)]
    output: Output,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Input {
    method: Option<String>,
    uri: Option<String>,
    version: Option<String>,
    headers: BTreeMap<String, String>,
    data: Option<String>,
    encoded_request: Option<String>,
    autocomplete_headers: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Output {
    log: Log,
    expect_error: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Log {
    expect_ids: Vec<u32>,
    no_expect_ids: Vec<u32>,
}

pub(super) fn read(name: &str, bytes: &[u8], host: &str) -> Result<Corpus, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no UTF-8".to_owned())?;
    let file: File = yaml(text)?;
    let mut corpus = Corpus::default();
    for (number, test) in file.tests.iter().enumerate() {
        let number = test.test_id.map_or(number + 1, |id| id as usize);
        let id = match (file.rule_id, &test.test_title) {
            (Some(rule), _) => format!("{rule}-{number}"),
            (None, Some(title)) => title.clone(),
            (None, None) => format!("{name}-{number}"),
        };
        let rule = id.split('-').next().unwrap_or_default();
        let class = rule.get(..3).unwrap_or(rule).to_owned();
        match case(test, &id, &class, host) {
            Ok(case) => corpus.cases.push(case),
            Err(why) => corpus.inexpressible.push(Inexpressible { id, class, why }),
        }
    }
    Ok(corpus)
}

fn case(test: &Test, id: &str, class: &str, host: &str) -> Result<Case, String> {
    let [stage] = test.stages.as_slice() else {
        return Err(format!("it has {} stages", test.stages.len()));
    };
    let Stage { input, output } = match stage {
        Staged::Nested { stage } | Staged::Flat(stage) => stage,
    };
    let rules =
        RuleIds { expected: output.log.expect_ids.clone(), unexpected: output.log.no_expect_ids.clone() };
    let expect = match (rules.expected.is_empty(), rules.unexpected.is_empty()) {
        (false, _) => Expect::Blocked,
        (true, false) => Expect::Passed,
        (true, true) if output.expect_error == Some(true) => return Err("it expects an error".to_owned()),
        (true, true) => return Err("it expects no rule and forbids none".to_owned()),
    };
    let (request, payload) = request(input, host)?;
    Ok(Case { id: id.to_owned(), class: class.to_owned(), expect, request, payload, rules: Some(rules) })
}

fn request(input: &Input, host: &str) -> Result<(Vec<u8>, String), String> {
    if let Some(encoded) = &input.encoded_request {
        let bytes = STANDARD.decode(encoded.trim()).map_err(|error| format!("encoded_request: {error}"))?;
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        return Ok((bytes, shown));
    }
    let texts = [&input.uri, &input.data].into_iter().flatten().chain(input.headers.values());
    if let Some(text) = texts.clone().find(|text| text.contains("{{")) {
        return Err(format!("it has a template: {}", text.chars().take(60).collect::<String>()));
    }
    let shown = texts.last().filter(|_| input.data.is_none() && input.uri.is_none());
    let payload = input.data.as_ref().or(input.uri.as_ref()).or(shown).cloned().unwrap_or_default();
    let draft = Draft {
        method: input.method.clone().unwrap_or_default(),
        target: input.uri.clone().unwrap_or_default().into_bytes(),
        version: input.version.clone().unwrap_or_default(),
        headers: input
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
            .collect(),
        body: input.data.clone().unwrap_or_default().into_bytes(),
    };
    let complete = input.autocomplete_headers.unwrap_or(true);
    let form = complete && !draft.body.is_empty() && !draft.has("content-type");
    let draft = if form { draft.header("Content-Type", "application/x-www-form-urlencoded") } else { draft };
    let bytes = if complete { draft.bytes(host)? } else { draft.written()? };
    Ok((bytes, payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r"---
meta: {author: us}
rule_id: 942999
tests:
  - test_id: 1
    stages:
      - input: {dest_addr: 127.0.0.1, port: 80, method: POST, uri: /a, headers: {Host: h, X-Own: b}, data: 'q=1 or'}
        output: {log: {expect_ids: [942999]}}
  - test_id: 2
    stages:
      - stage:
          input: {encoded_request: R0VUIC8gSFRUUC8xLjANCg0K}
          output: {log: {no_expect_ids: [942999]}}
  - test_id: 3
    stages:
      - input: {data: '{{ repeat 3 `a` }}'}
        output: {log: {expect_ids: [1]}}
  - test_id: 4
    stages:
      - input: {uri: /}
        output: {expect_error: true}
";

    #[test]
    fn tests_become_cases() {
        let corpus = read("f.yaml", FILE.as_bytes(), "h:1").unwrap();
        let [first, second] = corpus.cases.as_slice() else { panic!("{corpus:?}") };
        assert_eq!(
            (first.id.as_str(), first.class.as_str(), first.expect),
            ("942999-1", "942", Expect::Blocked)
        );
        let sent = String::from_utf8_lossy(&first.request);
        assert!(sent.starts_with("POST /a HTTP/1.1\r\nHost: h\r\nX-Own: b\r\n"), "{sent}");
        assert!(sent.contains("application/x-www-form-urlencoded") && sent.ends_with("q=1 or"), "{sent}");
        assert_eq!(
            (second.request.as_slice(), second.expect),
            (&b"GET / HTTP/1.0\r\n\r\n"[..], Expect::Passed)
        );
        let why: Vec<_> = corpus.inexpressible.iter().map(|one| one.why.as_str()).collect();
        assert_eq!(why, ["it has a template: {{ repeat 3 `a` }}", "it expects an error"]);
    }
}
