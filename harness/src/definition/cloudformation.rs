//! Task definitions in CloudFormation: where they are, and how their members are spelled there.

use super::Span;
use super::tree::{Member, Node, Value};
use proofhouse_protocol::spelling::of_the_api;

/// Type of the resource.
pub(super) const TASK_DEFINITION: &str = "AWS::ECS::TaskDefinition";

/// Members whose keys are the user's own.
const MAPS: [&str; 4] = ["DockerLabels", "DriverOpts", "Labels", "Options"];

/// A task definition in a template.
pub(super) struct Resource {
    /// Where its properties are, such as `Resources.Web.Properties`.
    pub path: String,
    /// Its properties, keys spelled as the API does.
    pub root: Node,
}

/// Whether a value is a template, a resource, or the properties of one.
pub(super) fn is_cloudformation(root: &Node) -> bool {
    root.get("AWSTemplateFormatVersion").is_some()
        || root.get("Resources").is_some_and(|resources| matches!(resources.value, Value::Object(_)))
        || root.get("ContainerDefinitions").is_some()
        || is_task_definition(root)
        || root.members().iter().any(|member| is_task_definition(&member.node))
}

fn is_task_definition(resource: &Node) -> bool {
    resource.get("Type").and_then(Node::text) == Some(TASK_DEFINITION)
}

/// Every task definition: of a template, of a part of one, or the one that the value is.
pub(super) fn task_definitions(root: &Node) -> Vec<Resource> {
    if root.get("ContainerDefinitions").is_some() {
        return vec![Resource { path: String::new(), root: to_api(root) }];
    }
    if is_task_definition(root) {
        return vec![properties(root, String::new())];
    }
    let resources = root.get("Resources");
    let (prefix, members) = match resources {
        Some(resources) => ("Resources.", resources.members()),
        None => ("", root.members()),
    };
    let found = members.iter().filter(|member| is_task_definition(&member.node));
    found.map(|member| properties(&member.node, format!("{prefix}{}.", member.key))).collect()
}

fn properties(resource: &Node, prefix: String) -> Resource {
    // A resource without properties is a definition without members.
    let nothing = Node { span: resource.span, value: Value::Object(Vec::new()) };
    let given = resource.get("Properties").filter(|node| !node.is_void()).unwrap_or(&nothing);
    Resource { path: format!("{prefix}Properties"), root: to_api(given) }
}

/// The same tree with the API's keys, and functions told from objects.
fn to_api(node: &Node) -> Node {
    let value = match &node.value {
        Value::Object(members) => match function(members) {
            Some(function) => function,
            None => Value::Object(members.iter().map(member_to_api).collect()),
        },
        Value::Array(items) => Value::Array(items.iter().map(to_api).collect()),
        // A dynamic reference, which CloudFormation resolves as it does functions.
        Value::String(text) if text.contains("{{resolve:") => Value::Function(text.clone()),
        other => other.clone(),
    };
    Node { span: node.span, value }
}

fn member_to_api(member: &Member) -> Member {
    let node = to_api(&member.node);
    let is_map = MAPS.contains(&member.key.as_str());
    let node = match (&member.node.value, &node.value) {
        (Value::Object(members), Value::Object(_)) if is_map => Node {
            span: node.span,
            value: Value::Object(
                members.iter().map(|own| Member { node: to_api(&own.node), ..own.clone() }).collect(),
            ),
        },
        _ => node,
    };
    Member { key: of_the_api(&member.key), written: member.written.clone(), key_span: member.key_span, node }
}

/// `{"Ref": "Cpu"}` and its like.
fn function(members: &[Member]) -> Option<Value> {
    let [member] = members else { return None };
    let name = member.key.as_str();
    match (name, member.node.text()) {
        ("Ref", Some("AWS::NoValue")) => Some(Value::Null),
        ("Ref", Some(of)) => Some(Value::Function(format!("Ref {of}"))),
        _ if name == "Ref" || name.starts_with("Fn::") => Some(Value::Function(name.to_owned())),
        _ => None,
    }
}

/// Every function below a value, with the path to it.
pub(super) fn functions(node: &Node, path: &str, found: &mut Vec<(String, Span, String)>) {
    if let Value::Function(text) = &node.value {
        found.push((path.to_owned(), node.span, text.clone()));
    }
    for member in node.members() {
        let below =
            if path.is_empty() { member.written.clone() } else { format!("{path}.{}", member.written) };
        functions(&member.node, &below, found);
    }
    for (index, item) in node.items().iter().enumerate() {
        functions(item, &format!("{path}[{index}]"), found);
    }
}
