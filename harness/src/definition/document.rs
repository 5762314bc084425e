//! From a text to the task definitions in it, whatever language and wrapper they come in.

use super::task_definition::Source;
use super::tree::{Node, Value};
use super::{DefinitionError, Problem, cloudformation, json, recognise, yaml};
use proofhouse_protocol::spelling;

/// Which texts are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// JSON as the ECS API has it, bare or as it is described: what can be run.
    NativeJson,
    /// YAML and CloudFormation as well: what can be judged.
    Everything,
}

/// Who spells the members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The ECS API: `networkMode`.
    Api,
    /// CloudFormation: `NetworkMode`.
    CloudFormation,
}

impl Dialect {
    /// How the dialect spells a member of the API.
    #[must_use]
    pub fn spelling(self, member: &str) -> String {
        match self {
            Self::Api => member.to_owned(),
            Self::CloudFormation => spelling::of_cloudformation(member),
        }
    }
}

/// The task definitions in a text, at least one.
pub(super) fn read(origin: &str, text: &str, takes: Takes) -> Result<Vec<Source>, DefinitionError> {
    let fail = |problem| DefinitionError::one(origin, text, problem);
    let root = value(origin, text, takes).map_err(fail)?;
    let source = |dialect, path: String, root: Node| Source {
        origin: origin.to_owned(),
        text: text.to_owned(),
        root,
        path,
        dialect,
    };
    if let Some((path, native)) = native(&root) {
        return Ok(vec![source(Dialect::Api, path.to_owned(), native.clone())]);
    }
    if takes == Takes::Everything && cloudformation::is_cloudformation(&root) {
        let found = cloudformation::task_definitions(&root);
        if !found.is_empty() {
            let each = found.into_iter();
            return Ok(each.map(|one| source(Dialect::CloudFormation, one.path, one.root)).collect());
        }
    }
    Err(fail(recognise::other_value(&root, takes)))
}

/// The object with `containerDefinitions`: the value itself, or what the answer of DescribeTaskDefinition wraps
/// (`fargate.md` 1.1).
fn native(root: &Node) -> Option<(&'static str, &Node)> {
    let inner = root.get("taskDefinition").filter(|node| matches!(node.value, Value::Object(_)));
    [("", Some(root)), ("taskDefinition", inner)]
        .into_iter()
        .filter_map(|(path, node)| Some((path, node?)))
        .find(|(_, node)| node.get("containerDefinitions").is_some())
}

fn value(origin: &str, text: &str, takes: Takes) -> Result<Node, Problem> {
    let parsed = json::parse(text);
    if let Ok(root) = parsed {
        return Ok(root);
    }
    let body = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if body.starts_with(['{', '[']) {
        let named_yaml = origin.ends_with(".yaml") || origin.ends_with(".yml");
        return parsed.or_else(|error| match yaml::parse(text) {
            // Braces are YAML too.
            Ok(mut documents) if takes == Takes::Everything && named_yaml && documents.len() == 1 => {
                Ok(documents.remove(0))
            }
            _ => Err(recognise::not_json(text, error)),
        });
    }
    if let Some(problem) = recognise::other_text(text, body, takes) {
        return Err(problem);
    }
    let documents = yaml::parse(text).map_err(|error| recognise::not_yaml(&error))?;
    recognise::one_document(text, documents)
}
