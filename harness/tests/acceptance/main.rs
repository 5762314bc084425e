//! What Fargate accepts and rejects, by the files in `fixtures/`. A file is named by the one class that rejects it; `ok-`
//! is accepted, and `other-` is no task definition at all. What is said of each is in the snapshot.

use proofhouse_harness::definition::{DefinitionError, TaskDefinition};
use proofhouse_harness::rules::{self, Date, Finding, Wording};
use proofhouse_protocol::spelling::of_cloudformation;
use proptest::prelude::*;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

fn fixtures() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/acceptance/fixtures");
    let files = std::fs::read_dir(folder)
        .expect("the fixtures are here")
        .map(|file| file.expect("the folder is readable").path());
    files
        .map(|path| {
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("fixtures are texts"))
        })
        .collect()
}

fn judged(name: &str, text: &str) -> Result<Vec<Finding>, DefinitionError> {
    let date = Date::parse("2026-11-23").expect("this is a date");
    let definitions = TaskDefinition::parse_all(name, text)?;
    Ok(definitions.iter().flat_map(|definition| rules::check(definition, date)).collect())
}

#[test]
fn every_file_is_judged_as_its_name_says() {
    let mut wrong = Vec::new();
    for (name, text) in fixtures() {
        let expected = name.split(['-', '.']).next().unwrap();
        match judged(&name, &text) {
            Err(_) if expected == "other" => {}
            Err(error) => wrong.push(format!("{name}: {error}")),
            Ok(findings) => {
                let reasons: BTreeSet<_> =
                    findings.iter().filter(|f| f.rejects()).map(|f| f.class.0.as_str()).collect();
                let expected: BTreeSet<_> = [expected].into_iter().filter(|class| *class != "ok").collect();
                if reasons != expected {
                    wrong.push(format!("{name}: {reasons:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_class_has_a_rejected_file_and_nearly_every_one_an_accepted_neighbour() {
    let names: Vec<String> = fixtures().into_keys().collect();
    let has = |prefix: String| names.iter().any(|name| name.starts_with(&prefix));
    // A file of 64 KiB is made where it is tested (E30), and a request is no definition (E31).
    let numbers = (1..=28).chain([29, 32, 33, 34]);
    for class in numbers.map(|number| format!("E{number:02}")).chain(["timeout", "value"].map(str::to_owned))
    {
        assert!(has(format!("{class}-")), "{class}");
        // What makes these whole is what every accepted file has.
        let by_all = ["E02", "E14"].contains(&class.as_str());
        assert!(by_all || has(format!("ok-{class}-")), "{class}");
    }
}

/// What people are told: place, class, path, what is underlined, message and advice.
#[test]
fn what_is_said_of_every_file() {
    let mut said = String::new();
    for (name, text) in fixtures() {
        writeln!(said, "{name}").unwrap();
        let mut line = |span: proofhouse_harness::definition::Span,
                        class: &str,
                        path: &str,
                        message: &str,
                        help: &str| {
            let (row, column) = span.line_and_column(&text);
            let underlined: String = text[span.start..span.end].chars().take(30).collect();
            let message: String = message.chars().take(160).collect();
            writeln!(said, "  {row}:{column} {class} {path} {underlined:?}: {message} [{help}]").unwrap();
        };
        match judged(&name, &text) {
            Err(error) => {
                for problem in &error.problems {
                    line(problem.span, "-", &problem.path, &problem.message, &problem.help);
                }
            }
            Ok(findings) => {
                for finding in &findings {
                    let (class, span) = (finding.class.to_string(), finding.span.unwrap());
                    line(span, &class, &finding.path, &finding.message, &finding.help);
                    if finding.wording == Wording::Aws && finding.rejects() {
                        assert!(
                            Regex::new(&finding.pattern).unwrap().is_match(&finding.message),
                            "{finding}"
                        );
                    }
                }
            }
        }
    }
    insta::assert_snapshot!(said);
}

/// Everything that a judgement points at is in the text.
fn assert_sound(name: &str, text: &str) -> Result<(), TestCaseError> {
    let sound = |span: proofhouse_harness::definition::Span| {
        span.end <= text.len() && text.is_char_boundary(span.start) && text.is_char_boundary(span.end)
    };
    match judged(name, text) {
        Err(error) => {
            prop_assert!(!error.problems.is_empty());
            for problem in &error.problems {
                prop_assert!(sound(problem.span) && !problem.message.is_empty() && !problem.help.is_empty());
            }
        }
        Ok(findings) => {
            for finding in &findings {
                prop_assert!(finding.span.is_some_and(sound), "{finding}: {:?} in {text}", finding.span);
                prop_assert!(!finding.message.is_empty() && !finding.help.is_empty(), "{finding}");
            }
            // What cannot be run is not accepted, wherever both can read it.
            if let Err(error) = TaskDefinition::parse(name, text)
                && !error.problems.iter().all(|problem| problem.path.is_empty())
            {
                prop_assert!(findings.iter().any(Finding::rejects), "{error}\n{text}");
            }
        }
    }
    Ok(())
}

/// The same value with its members spelled as CloudFormation does; maps of the user's own stay.
fn in_cloudformation(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(members) => {
            let spelled = members.iter().map(|(key, value)| {
                let own = matches!(key.as_str(), "options" | "dockerLabels" | "labels" | "driverOpts");
                (of_cloudformation(key), if own { value.clone() } else { in_cloudformation(value) })
            });
            serde_json::Value::Object(spelled.collect())
        }
        serde_json::Value::Array(items) => items.iter().map(in_cloudformation).collect(),
        other => other.clone(),
    }
}

/// Who spells the members makes no difference to what is rejected and remarked on, except where the spelling is what is wrong, or a
/// type that CloudFormation converts.
#[test]
fn a_definition_is_judged_alike_in_both_spellings() {
    let mut compared = 0;
    for (name, text) in fixtures() {
        let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
        let native = value.get("taskDefinition").filter(|inner| inner.is_object()).unwrap_or(&value);
        if native.get("containerDefinitions").is_none()
            || ["E28-", "other-"].iter().any(|prefix| name.starts_with(prefix))
            || name.contains("twice-the-same-key")
        {
            continue;
        }
        let resource =
            serde_json::json!({"Type": "AWS::ECS::TaskDefinition", "Properties": in_cloudformation(native)});
        let said = |findings: Vec<Finding>| {
            findings.into_iter().map(|f| (f.class.0, f.path.to_lowercase())).collect::<BTreeSet<_>>()
        };
        let prefix = if value.get("taskDefinition").is_some() { "taskdefinition." } else { "" };
        let own: BTreeSet<_> = said(judged(&name, &text).unwrap())
            .into_iter()
            .map(|(class, path)| (class, path.strip_prefix(prefix).unwrap_or(&path).to_owned()))
            .collect();
        let other: BTreeSet<_> = said(judged(&name, &resource.to_string()).unwrap())
            .into_iter()
            .map(|(class, path)| {
                let path =
                    path.strip_prefix("properties").unwrap_or(&path).trim_start_matches('.').to_owned();
                (class, path.replace("proxyconfigurationproperties", "properties"))
            })
            .collect();
        assert_eq!(own, other, "{name}");
        compared += 1;
    }
    assert!(compared > 100, "{compared}");
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "[A-Za-z0-9${}<> .:/-]{0,12}".prop_map(Into::into),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Into::into),
            prop::collection::btree_map("(name|value|type|command|[a-z]{1,6})", inner, 0..3)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Puts a value in the place of the n-th one below.
fn replace(value: &mut serde_json::Value, at: &mut usize, with: &serde_json::Value) {
    if *at == 0 {
        *value = with.clone();
    }
    *at = at.wrapping_sub(1);
    match value {
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| replace(item, at, with)),
        serde_json::Value::Object(members) => {
            members.values_mut().for_each(|member| replace(member, at, with))
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..80), yaml in any::<bool>()) {
        let name = if yaml { "a.yaml" } else { "a.json" };
        assert_sound(name, &String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn a_file_with_another_text_in_it(
        file in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        length in 0usize..12,
        with in "[-\\[\\]{}:,\"'&*!|> \\n#a-zE0-9${}<>é]{0,8}",
    ) {
        let files: Vec<(String, String)> = fixtures().into_iter().collect();
        let (name, text) = file.get(&files);
        let mut letters: Vec<char> = text.chars().collect();
        let start = at.index(letters.len() + 1);
        let end = (start + length).min(letters.len());
        letters.splice(start..end, with.chars());
        assert_sound(name, &letters.into_iter().collect::<String>())?;
    }

    #[test]
    fn a_file_with_another_value_in_it(
        file in any::<prop::sample::Index>(),
        at in 0usize..60,
        with in any_json(),
    ) {
        let files: Vec<serde_json::Value> =
            fixtures().values().filter_map(|text| serde_json::from_str(text).ok()).collect();
        let mut value = file.get(&files).clone();
        replace(&mut value, &mut at.clone(), &with);
        assert_sound("a.json", &value.to_string())?;
    }
}
