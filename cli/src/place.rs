//! The place in a user's file that a message of the Console is about.
//!
//! The Console answers in words, as the real one does; a reader of a file wants the line.

use crate::failure::{Failure, Message};
use proofhouse_harness::definition::Span;
use proofhouse_harness::definition::json;
use proofhouse_harness::definition::tree::{Node, Value};
use proofhouse_reports::ExitCode;

/// A refused policy, with the member underlined that the Console complains about.
pub fn in_policy(name: &str, text: &str, words: &str) -> Failure {
    let help = "export a policy that a Console accepts, or correct this member; nothing was changed";
    let rule = |root: &Node| {
        let rules = root.get("rules").map(Node::items).unwrap_or_default();
        let named = |rule: &&Node| {
            rule.get("name").and_then(Node::text).is_some_and(|name| words.contains(&format!("'{name}'")))
        };
        rules.iter().find(named).map(|rule| {
            let name = rule.get("name").and_then(Node::text).unwrap_or_default();
            let rest = words.replace(&format!("rule '{name}'"), "");
            let whole = rule.get("name").map_or(rule.span, |name| name.span);
            member(rule, &rest).unwrap_or(whole)
        })
    };
    refused(name, text, words, help, |root| rule(root).or_else(|| member(root, words)))
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
        .filter_map(|(path, span)| {
            // The Console names an application and its member apart.
            let apart = path.strip_prefix("applicationsSpec[").and_then(|rest| rest.split_once("]."));
            let fits = stands_in(words, &path)
                || apart.is_some_and(|(index, tail)| {
                    stands_in(words, &format!("applicationsSpec[{index}]")) && stands_in(words, tail)
                });
            fits.then_some((path.len(), span))
        })
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

    const POLICY: &str = r#"{"rules": [
        {"name": "other", "processes": {"effect": "alert"}},
        {"name": "web", "processes": {"effect": "block"}, "dns": {"effect": "alert", "domainList": {}},
         "applicationsSpec": [{"sqli": {"effect": "x"}}, {"sqli": {"effect": "y"}}]}]}"#;

    fn found(words: &str) -> &'static str {
        let root = json::parse(POLICY).unwrap();
        let rule = root.get("rules").unwrap().items()[1].clone();
        member(&rule, words).map_or("nothing", |span| &POLICY[span.start..span.end])
    }

    #[test]
    fn the_deepest_member_that_is_named_is_the_place() {
        assert_eq!(found("invalid processes runtime rule effect: has processes.effect 'block'"), "\"block\"");
        assert_eq!(found("dns.domainList belongs to another schema"), "\"domainList\"");
        assert_eq!(found("applicationsSpec[0]: sqli.effect is \"x\""), "\"x\"");
        assert_eq!(found("has no dns.effects"), "\"dns\"");
        assert_eq!(found("nothing of this"), "nothing");
    }
}
