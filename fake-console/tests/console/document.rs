//! The specification of the link says what the code does: each of its examples is a message.

use proofhouse_protocol::link::{FromConsole, FromDefender, PATH, VERSION};
use serde_json::Value;
use std::collections::BTreeSet;

const DOCUMENT: &str = include_str!("../../../docs/link.md");

/// Examples behind the heading, by the `type` of their message.
fn examples(heading: &str) -> Vec<Value> {
    let section = DOCUMENT.split(heading).nth(1).unwrap().split("\n## ").next().unwrap();
    section
        .split("```json\n")
        .skip(1)
        .map(|block| {
            let text = block.split("```").next().unwrap();
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
        })
        .collect()
}

fn types(messages: &[Value]) -> BTreeSet<&str> {
    messages.iter().map(|message| message["type"].as_str().unwrap()).collect()
}

#[test]
fn every_message_of_a_defender_has_an_example_that_is_understood() {
    let examples = examples("\n## What a Defender says");
    for example in &examples {
        let message: FromDefender =
            serde_json::from_value(example.clone()).unwrap_or_else(|error| panic!("{error}: {example}"));
        assert_eq!(serde_json::to_value(message).unwrap()["type"], example["type"]);
    }
    assert_eq!(
        types(&examples).into_iter().collect::<Vec<_>>(),
        [
            "audits",
            "clockSet",
            "counters",
            "discoveredApis",
            "fence",
            "heartbeat",
            "hello",
            "monitoringStats",
            "policyApplied",
            "policyRejected",
            "workload"
        ]
    );
}

#[test]
fn every_message_of_the_console_has_an_example_that_is_understood() {
    let examples = examples("\n## What the Console says");
    for example in &examples {
        let message: FromConsole =
            serde_json::from_value(example.clone()).unwrap_or_else(|error| panic!("{error}: {example}"));
        assert_eq!(serde_json::to_value(message).unwrap()["type"], example["type"]);
    }
    assert_eq!(
        types(&examples).into_iter().collect::<Vec<_>>(),
        ["ack", "clock", "fence", "noted", "policy", "refused", "resetMonitoringStats", "welcome"]
    );
}

#[test]
fn path_and_version_are_those_of_the_code() {
    assert!(DOCUMENT.contains(&format!("`{PATH}`")));
    assert!(DOCUMENT.contains(&format!("protocol version {VERSION}")));
}
