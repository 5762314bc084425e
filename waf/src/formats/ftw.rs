//! Regression tests of the OWASP Core Rule Set (go-ftw).

use super::yaml;
use crate::case::{Case, Corpus, Expect, Inexpressible, RuleIds};
use crate::draft::Draft;
use crate::encode::percent;
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
    #[serde(deserialize_with = "texts")]
    headers: BTreeMap<String, String>,
    data: Option<Data>,
    encoded_request: Option<String>,
    autocomplete_headers: Option<bool>,
    stop_magic: bool,
}

/// Older files write a length without quotes.
fn texts<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Value {
        Text(String),
        Number(i64),
    }
    let values = BTreeMap::<String, Value>::deserialize(deserializer)?;
    let text = |value| match value {
        Value::Text(text) => text,
        Value::Number(number) => number.to_string(),
    };
    Ok(values.into_iter().map(|(name, value)| (name, text(value))).collect())
}

/// A body; older files may say it line by line.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Data {
    Text(String),
    Lines(Vec<String>),
}

impl Data {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Lines(lines) => lines.join("\r\n"),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Output {
    log: Log,
    /// Of older files: a part of a line of the log, by the number of a rule.
    log_contains: Option<String>,
    no_log_contains: Option<String>,
    expect_error: Option<bool>,
}

impl Output {
    fn rules(&self) -> RuleIds {
        let with = |ids: &[u32], line: &Option<String>| {
            let numbers = line.iter().flat_map(|line| line.split(|c: char| !c.is_ascii_digit()));
            ids.iter().copied().chain(numbers.filter_map(|number| number.parse().ok())).collect()
        };
        RuleIds {
            expected: with(&self.log.expect_ids, &self.log_contains),
            unexpected: with(&self.log.no_expect_ids, &self.no_log_contains),
        }
    }
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
    let rules = output.rules();
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
    let data = input.data.as_ref().map(Data::text);
    let texts = [&input.uri, &data].into_iter().flatten().chain(input.headers.values());
    if let Some(text) = texts.clone().find(|text| text.contains("{{")) {
        return Err(format!("it has a template: {}", text.chars().take(60).collect::<String>()));
    }
    let shown = texts.last().filter(|_| data.is_none() && input.uri.is_none());
    let payload = data.as_ref().or(input.uri.as_ref()).or(shown).cloned().unwrap_or_default();
    let draft = Draft {
        method: input.method.clone().unwrap_or_default(),
        target: input.uri.clone().unwrap_or_default().into_bytes(),
        version: input.version.clone().unwrap_or_default(),
        headers: input
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
            .collect(),
        body: body(input, data.unwrap_or_default()).into_bytes(),
    };
    let complete = input.autocomplete_headers.unwrap_or(true);
    let form = complete && !draft.body.is_empty() && !draft.has("content-type");
    let draft = if form { draft.header("Content-Type", "application/x-www-form-urlencoded") } else { draft };
    let bytes = if complete { draft.bytes(host)? } else { draft.written()? };
    Ok((bytes, payload))
}

/// The data, or where they are a form that nobody has encoded, and the file does not forbid it, the form encoded.
fn body(input: &Input, data: String) -> String {
    let form = |(name, value): (&String, &String)| {
        name.eq_ignore_ascii_case("content-type") && value == "application/x-www-form-urlencoded"
    };
    if input.stop_magic || data.contains(['%', '+']) || !input.headers.iter().any(form) {
        return data;
    }
    let encoded = |text: &str| String::from_utf8_lossy(&percent(text.as_bytes())).into_owned();
    let pairs: Option<Vec<_>> = data
        .split('&')
        .map(|pair| pair.split_once('=').map(|(name, value)| format!("{}={}", encoded(name), encoded(value))))
        .collect();
    pairs.map_or(data, |pairs| pairs.join("&"))
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

    const OLDER: &str = r#"---
tests:
  - test_title: 932999-1
    stages:
      - stage:
          input: {method: POST, headers: {Content-Type: application/x-www-form-urlencoded}, data: "a=x y;z&b=/w"}
          output: {log_contains: 'id "932999"'}
  - test_title: 932999-2
    stages:
      - stage:
          input: {method: POST, stop_magic: true, headers: {Content-Type: application/x-www-form-urlencoded}, data: "a=x;z"}
          output: {no_log_contains: 'id "932999"'}
  - test_title: 932999-3
    stages:
      - stage:
          input: {method: POST, headers: {Content-Length: 8}, data: ["one", "two"]}
          output: {log_contains: 'id "932999"'}
"#;

    #[test]
    fn older_tests_become_cases() {
        let corpus = read("f.yaml", OLDER.as_bytes(), "h:1").unwrap();
        let ends = |case: &Case, body: &str| String::from_utf8_lossy(&case.request).ends_with(body);
        let [encoded, as_it_is, lines] = corpus.cases.as_slice() else { panic!("{corpus:?}") };
        let rules = |case: &Case| case.rules.clone().unwrap();
        assert_eq!((rules(encoded).expected, encoded.expect), (vec![932_999], Expect::Blocked));
        assert_eq!((rules(as_it_is).unexpected, as_it_is.expect), (vec![932_999], Expect::Passed));
        assert!(ends(encoded, "\r\n\r\na=x%20y%3Bz&b=%2Fw"), "{encoded:?}");
        assert!(ends(as_it_is, "\r\n\r\na=x;z"), "{as_it_is:?}");
        assert!(String::from_utf8_lossy(&lines.request).contains("Content-Length: 8\r\n"), "{lines:?}");
        assert!(ends(lines, "\r\n\r\none\r\ntwo"), "{lines:?}");
    }
}
