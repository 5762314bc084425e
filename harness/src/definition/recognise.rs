//! Names a text that is something other than a task definition, because "not JSON" helps nobody.

use super::json::{JsonError, Node, Value};
use super::reader::placeholder;
use super::{Problem, Span};

/// A JSON value that holds no task definition.
pub(super) fn other_json(root: &Node) -> Problem {
    let has = |key: &str| root.get(key).is_some();
    let at = |key: &str| {
        root.members()
            .iter()
            .find(|member| member.key == key)
            .map_or(first_byte(root.span), |member| member.key_span)
    };
    let (span, message, help) = if let Value::Array(items) = &root.value {
        if items.iter().any(|item| item.get("image").is_some()) {
            (
                first_byte(root.span),
                "this is a list of container definitions, without the task definition around it",
                "put the list under `containerDefinitions` of an object with `family`, `networkMode`, `cpu` and `memory`",
            )
        } else {
            (
                first_byte(root.span),
                "this is a list, not a task definition",
                "give one object with `containerDefinitions`",
            )
        }
    } else if !matches!(root.value, Value::Object(_)) {
        (
            root.span,
            "this is a single value, not a task definition",
            "give one object with `containerDefinitions`",
        )
    } else if has("AWSTemplateFormatVersion") || has("Resources") {
        let key = if has("Resources") { "Resources" } else { "AWSTemplateFormatVersion" };
        (
            at(key),
            "this is a CloudFormation template",
            "give the task definition as ECS JSON, such as `aws ecs describe-task-definition` prints it",
        )
    } else if has("ContainerDefinitions") || has("Properties") {
        let key = if has("Properties") { "Properties" } else { "ContainerDefinitions" };
        (
            at(key),
            "this is a CloudFormation resource: its names begin with capital letters",
            "give the task definition as ECS JSON, such as `aws ecs describe-task-definition` prints it",
        )
    } else if has("taskDefinition") {
        (
            at("taskDefinition"),
            "this is a RunTask or CreateService request, which only names a task definition",
            "give the task definition itself: `aws ecs describe-task-definition --task-definition NAME`",
        )
    } else if has("tasks") {
        (
            at("tasks"),
            "this is a list of running tasks",
            "give the task definition that they were started from",
        )
    } else if has("taskDefinitionArns") {
        (
            at("taskDefinitionArns"),
            "this is a list of ARNs",
            "describe one of them: `aws ecs describe-task-definition`",
        )
    } else if has("services") {
        (
            at("services"),
            "this is a compose file or a list of services",
            "give the task definition of one service",
        )
    } else if has("image") && has("name") {
        (
            first_byte(root.span),
            "this is one container definition, without the task definition around it",
            "put it in the list `containerDefinitions` of an object with `family`, `networkMode`, `cpu` and `memory`",
        )
    } else {
        (
            first_byte(root.span),
            "there is no `containerDefinitions` here, so this is no task definition",
            "give one object with `family` and `containerDefinitions`",
        )
    };
    Problem { span, path: String::new(), message: message.to_owned(), help: help.to_owned() }
}

/// A text that is not JSON.
pub(super) fn not_json(text: &str, error: JsonError) -> Problem {
    let start = text.find(|c: char| !c.is_whitespace() && c != '\u{feff}').unwrap_or(text.len());
    let body = &text[start..];
    let problem = |span, message: String, help: &str| Problem {
        span,
        path: String::new(),
        message,
        help: help.to_owned(),
    };
    if body.is_empty() {
        return problem(Span::new(0, 0), "the text is empty".to_owned(), "give a task definition in JSON");
    }
    if !body.starts_with(['{', '[']) {
        let line = Span::new(start, start + body.find('\n').unwrap_or(body.len()));
        let (what, help) = other_language(body);
        return problem(line, format!("this is {what}, not JSON"), help);
    }
    let rest = &text[error.span.start.min(text.len())..];
    let word = &rest[..rest.find([',', '\n', ']']).unwrap_or(rest.len())];
    if rest.starts_with(['<', '$', '{'])
        && let Some(found) =
            placeholder(word.trim_end_matches(['}', ' ', '\r'])).or_else(|| placeholder(word))
    {
        let span = Span::new(error.span.start, error.span.start + found.len());
        return problem(
            span,
            format!("the placeholder `{found}` is not filled in"),
            "replace it by a real value",
        );
    }
    problem(error.span, error.message, "correct the JSON at this place")
}

fn other_language(text: &str) -> (&'static str, &'static str) {
    let describe = "give the task definition as JSON, such as `aws ecs describe-task-definition` prints it";
    let line_starts = |word: &str| text.lines().any(|line| line.trim_start().starts_with(word));
    let yaml = text.lines().any(|line| {
        let key = line.trim_start().trim_start_matches("- ");
        key.split_once(':').is_some_and(|(key, rest)| {
            !key.is_empty()
                && key.chars().all(|c| c.is_alphanumeric() || "_-\"'".contains(c))
                && (rest.is_empty() || rest.starts_with([' ', '\r']))
        })
    });
    if text.contains("aws_ecs_task_definition") {
        ("Terraform", describe)
    } else if line_starts("AWSTemplateFormatVersion") || text.contains("AWS::ECS::") {
        ("a CloudFormation template in YAML", describe)
    } else if yaml && line_starts("services:") {
        ("a compose file", "give an ECS task definition in JSON")
    } else if yaml {
        ("YAML", "convert it to JSON; the ECS API takes nothing else")
    } else if text.starts_with('<') {
        ("markup", "give a task definition in JSON")
    } else {
        ("plain text", "give a task definition in JSON")
    }
}

fn first_byte(span: Span) -> Span {
    Span::new(span.start, (span.start + 1).min(span.end))
}
