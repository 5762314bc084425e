//! The place in a user's file that a message of the Console is about.
//!
//! The Console answers in words, as the real one does; a reader of a file wants the line.

use crate::failure::{Failure, Message};
use miette::Report;
use proofhouse_console::{Mistake, Refusal, Step, Wrong};
use proofhouse_harness::definition::Span;
use proofhouse_harness::definition::json;
use proofhouse_harness::definition::tree::{Node, Value};
use proofhouse_reports::ExitCode;

/// A refused policy: a message for each mistake, with its place underlined, or the nearest one that is there.
pub fn in_policy(name: &str, text: &str, refusal: &Refusal) -> Failure {
    let root = json::parse(text).ok();
    let message = |mistake: &Mistake| {
        let message = Message::new(mistake.message.clone()).help(mistake.hint.clone());
        match root.as_ref().map(|root| at(root, mistake)) {
            Some(span) => message.at(name, text, (span.start, span.len()), &label(mistake)),
            None => message.in_file(name),
        }
    };
    let mut reports: Vec<_> = refusal.mistakes.iter().map(|mistake| Report::new(message(mistake))).collect();
    if reports.is_empty() {
        let help = "export a policy that a Console accepts";
        reports.push(Report::new(Message::new(refusal.message.clone()).help(help).in_file(name)));
    }
    Failure { exit: ExitCode::Usage, reports }
}

/// What stands below the underlined text: the member, by its own name.
fn label(mistake: &Mistake) -> String {
    let path = mistake.path.to_string();
    if path.is_empty() { "here".to_owned() } else { path }
}

/// Where a mistake stands: its value, or its key where that is the mistake or the value is long; for what is missing,
/// the innermost value in which it would stand.
fn at(root: &Node, mistake: &Mistake) -> Span {
    let mut node = root;
    let mut span = short(root, root.span.head());
    for step in mistake.path.steps() {
        let below = match step {
            Step::Member(name) => node.member(name).map(|member| (&member.node, member.key_span)),
            // A rule is known by its name.
            Step::Item(index) => node.items().get(*index).map(|item| {
                let name = item.get("name").filter(|name| name.text().is_some());
                (item, name.map_or_else(|| item.span.head(), |name| name.span))
            }),
        };
        let Some((next, key)) = below else { return span };
        (node, span) = (next, if mistake.wrong == Wrong::Member { key } else { short(next, key) });
    }
    span
}

/// The span of a value, unless that may be pages long: then what stands for it.
fn short(node: &Node, instead: Span) -> Span {
    if matches!(node.value, Value::Array(_) | Value::Object(_)) { instead } else { node.span }
}

/// A definition that the embed refused, with the container underlined that it complains about.
pub fn in_definition(name: &str, text: &str, words: &str) -> Failure {
    let help = "`proofhouse validate` says what else is wrong with the definition";
    refused(name, text, words, help, |root| {
        let root = root
            .get("taskDefinition")
            .filter(|inner| inner.get("containerDefinitions").is_some())
            .unwrap_or(root);
        let containers = root.get("containerDefinitions").map(Node::items).unwrap_or_default();
        let names = containers.iter().filter_map(|container| container.get("name"));
        let named = |name: &&Node| name.text().is_some_and(|name| words.contains(&format!("'{name}'")));
        names.rev().find(named).map(|name| name.span).or_else(|| member(root, words))
    })
}

/// The image of a container, in the text of a definition.
pub fn of_image(root: &Node, container: &str) -> Option<Span> {
    let containers = root.get("containerDefinitions").map(Node::items).unwrap_or_default();
    let one = containers.iter().find(|one| one.get("name").and_then(Node::text) == Some(container))?;
    one.get("image").map(|image| image.span)
}

/// JSON of a user, or the place where it is none.
pub fn parse(name: &str, text: &str, what: &str) -> Result<serde_json::Value, Failure> {
    let wrong = match json::parse(text) {
        Ok(_) => match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
            Ok(value) => return Ok(value),
            Err(error) => Message::new(format!("{what} is not JSON: {error}")),
        },
        Err(error) => {
            let span = (error.span.start, error.span.len());
            Message::new(format!("{what} is not JSON: {}", error.message)).at(name, text, span, "here")
        }
    };
    Err(Failure::new(ExitCode::Usage, wrong.help("give it as JSON, as a Console exports it")))
}

fn refused(name: &str, text: &str, words: &str, help: &str, find: impl Fn(&Node) -> Option<Span>) -> Failure {
    let message = Message::new(words).help(help);
    let place = json::parse(text).ok().and_then(|root| find(&root));
    Failure::new(
        ExitCode::Usage,
        match place {
            Some(span) => message.at(name, text, (span.start, span.len()), "here"),
            None => message.in_file(name),
        },
    )
}

/// The member whose path below `root` the words name; the deepest, if they name several.
fn member(root: &Node, words: &str) -> Option<Span> {
    let mut paths = Vec::new();
    collect(root, "", &mut paths);
    paths
        .into_iter()
        .filter_map(|(path, span)| stands_in(words, &path).then_some((path.len(), span)))
        .max_by_key(|(length, _)| *length)
        .map(|(_, span)| span)
}

fn collect(node: &Node, path: &str, paths: &mut Vec<(String, Span)>) {
    for member in node.members() {
        let below = if path.is_empty() { member.key.clone() } else { format!("{path}.{}", member.key) };
        // A list or an object may be pages long: its key stands for it.
        let long = matches!(member.node.value, Value::Array(_) | Value::Object(_));
        paths.push((below.clone(), if long { member.key_span } else { member.node.span }));
        collect(&member.node, &below, paths);
    }
    for (index, item) in node.items().iter().enumerate() {
        let below = format!("{path}[{index}]");
        let long = matches!(item.value, Value::Array(_) | Value::Object(_));
        let start = Span::new(item.span.start, item.span.start + 1);
        paths.push((below.clone(), if long { start } else { item.span }));
        collect(item, &below, paths);
    }
}

/// Whether a path stands in a text as a whole word.
fn stands_in(words: &str, path: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    words.match_indices(path).any(|(start, _)| {
        let before = words[..start].chars().next_back();
        let behind = words[start + path.len()..].chars().next();
        !before.is_some_and(|c| part(c) || c == '.') && !behind.is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofhouse_console::{Console, ConsoleConfig};

    const DEFINITION: &str = r#"{"family": "shop", "volumes": [{"name": "a"}, {"host": {}}]}"#;

    fn found(words: &str) -> &'static str {
        let root = json::parse(DEFINITION).unwrap();
        member(&root, words).map_or("nothing", |span| &DEFINITION[span.start..span.end])
    }

    #[test]
    fn the_deepest_member_that_is_named_is_the_place() {
        assert_eq!(found("family is missing"), "\"shop\"");
        assert_eq!(found("volumes[1].host is wrong, as volumes are"), "\"host\"");
        assert_eq!(found("has no volumesFrom"), "nothing");
    }

    const POLICY: &str = r#"{"rules": [
        {"name": "one", "collections": [{"name": "All"}], "processes": {"effect": "block"},
         "network": {"effect": "alert", "whitelistIPs": {}}, "dns": {}},
        {"name": "two", "collections": [{"name": "All"}], "processes": {"effect": "alert", "allowedList": []},
         "network": {"effect": "alert"}, "dns": {"effect": "alert"}, "filesystem": {"effect": "alert",
         "defaultEffect": "alert"}},
        [], {"collections": []}]}"#;

    #[test]
    fn every_mistake_of_a_policy_has_its_place() {
        let _first = rustls::crypto::ring::default_provider().install_default();
        let console = Console::start(ConsoleConfig::default()).unwrap();
        let refusal = console.import_runtime_policy(serde_json::from_str(POLICY).unwrap()).unwrap_err();
        let root = json::parse(POLICY).unwrap();
        let places: Vec<_> = refusal.mistakes.iter().map(|mistake| at(&root, mistake)).collect();
        let texts: Vec<_> = places.iter().map(|span| &POLICY[span.start..span.end]).collect();
        assert_eq!(
            texts,
            [
                // The effect; the list; the section without an effect; the rule without a section.
                "\"block\"",
                "\"whitelistIPs\"",
                "\"dns\"",
                "\"one\"",
                // What does not belong there, by its key whatever its value is.
                "\"allowedList\"",
                "\"defaultEffect\"",
                // What is no rule, the collections that name none, and a rule without a name and without sections.
                "[",
                "\"collections\"",
                "{",
                "{",
                "{",
                "{",
                "{",
            ]
        );
    }
}
