//! Log drivers and their options (`fargate.md` 1.3), as the table lists them.

use super::context::{Context, is_given, named};
use crate::definition::tree::{Node, Value};
use crate::rules::check::{Blame, shown};
use crate::rules::path::Hit;
use crate::rules::suggestion::nearest;

/// The options of a driver; none while they are not known yet.
fn options<'n>(hit: &Hit<'n>, driver: &str) -> Option<&'n [crate::definition::tree::Member]> {
    named(hit, "logDriver").filter(|named| *named == driver)?;
    match hit.node?.get("options").filter(|options| options.value != Value::Null) {
        Some(options) if options.is_open() => None,
        Some(options) => Some(options.members()),
        None => Some(&[]),
    }
}

/// Whether an option is given, by itself or by a secret.
fn has(hit: &Hit<'_>, option: &str) -> bool {
    let node = hit.node.and_then(|log| log.get("options"));
    let secrets = hit.node.and_then(|log| log.get("secretOptions")).map(Node::items).unwrap_or_default();
    node.is_some_and(|options| is_given(options, option))
        || secrets.iter().any(|secret| secret.get("name").and_then(Node::text) == Some(option))
}

fn awslogs_without(hit: &Hit<'_>, option: &str) -> Option<Blame> {
    options(hit, "awslogs")?;
    (!has(hit, option)).then(Blame::default)
}

/// The group alone; without a region too, both are one rejection, [`region`]'s.
pub(super) fn group(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    awslogs_without(hit, "awslogs-group").filter(|_| has(hit, "awslogs-region"))
}

pub(super) fn prefix(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    awslogs_without(hit, "awslogs-stream-prefix")
}

/// All that is missing, when the region is.
pub(super) fn region(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    awslogs_without(hit, "awslogs-region")?;
    let required = context.table.log_drivers.get("awslogs")?.required.iter();
    let missing: Vec<&str> = required.map(String::as_str).filter(|option| !has(hit, option)).collect();
    Some(Blame::value(missing.join(", ")))
}

/// Options that a driver does not know, and the known ones that were meant.
fn unknown(context: &Context<'_>, hit: &Hit<'_>, driver: &str) -> Option<(Vec<String>, String)> {
    let known = &context.table.log_drivers.get(driver)?.known;
    let given = options(hit, driver)?.iter().map(|member| member.key.clone());
    let unknown: Vec<String> = given.filter(|option| !known.contains(option)).collect();
    let first = unknown.first()?;
    let help = match nearest(first, known.iter().map(String::as_str)) {
        Some(near) => format!("write \"{near}\", or remove it"),
        None => "remove what it does not know; options of a log router belong to the driver awsfirelens"
            .to_owned(),
    };
    Some((unknown, help))
}

pub(super) fn awslogs_options(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let (unknown, help) = unknown(context, hit, "awslogs")?;
    Some(Blame::value(unknown.join(", ")).help(help))
}

pub(super) fn awslogs_create_group(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let given = options(hit, "awslogs")?.iter().rev().find(|option| option.key == "awslogs-create-group")?;
    (!given.node.is_void() && !given.node.is_open() && shown(&given.node) != "true")
        .then(|| Blame::value(shown(&given.node)))
}

/// What is not known to be refused at registration.
pub(super) fn odd_options(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    if options(hit, "splunk").is_some() {
        let required = context.table.log_drivers.get("splunk")?.required.iter().map(String::as_str);
        let missing: Vec<&str> = required.filter(|option| !has(hit, option)).collect();
        if !missing.is_empty() {
            let value = format!("lacks {}, which the driver splunk wants", missing.join(" and "));
            return Some(Blame::value(value).help("add it to <options>, or to <secretOptions>"));
        }
        if let Some((unknown, help)) = unknown(context, hit, "splunk") {
            let value = format!("has options that the driver splunk does not know: {}", unknown.join(", "));
            return Some(Blame::value(value).help(help));
        }
    }
    let options = hit.node?.get("options")?;
    if let Some(mode) = options.get("mode").filter(|mode| !mode.is_open()).and_then(Node::text)
        && !matches!(mode, "blocking" | "non-blocking")
    {
        let value = format!("has the mode '{mode}', which there is not");
        return Some(Blame::value(value).help("write \"blocking\" or \"non-blocking\""));
    }
    let twice = ["awslogs-datetime-format", "awslogs-multiline-pattern"];
    if twice.into_iter().all(|option| is_given(options, option)) {
        let value = format!("has both {} and {}", twice[0], twice[1]);
        return Some(Blame::value(value).help("leave one of them: each says where a message begins"));
    }
    let secrets = hit.node?.get("secretOptions").map(Node::items).unwrap_or_default();
    let mut names = secrets.iter().filter_map(|secret| secret.get("name").and_then(Node::text));
    let shared = names.find(|name| options.get(name).is_some())?;
    let value = format!("has '{shared}' both in its options and in its secret options");
    Some(Blame::value(value).help("remove one of them"))
}

pub(super) fn router(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let driver = |container: &Node| {
        let driver = container.get("logConfiguration").and_then(|log| log.get("logDriver"));
        driver.and_then(Node::text) == Some("awsfirelens")
    };
    let user = context.containers().find(|container| driver(container))?;
    let open = hit.node.is_some_and(|list| list.items().iter().any(Node::is_open));
    let router = context.containers().any(|container| is_given(container, "firelensConfiguration"));
    (!open && !router).then(|| Blame::container(user.get("name").and_then(Node::text).unwrap_or_default()))
}
