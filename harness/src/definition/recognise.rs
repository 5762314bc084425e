//! Names a text that is something other than a task definition, because "not JSON" helps nobody.

use super::document::Takes;
use super::json::JsonError;
use super::placeholder::placeholder;
use super::tree::{Node, Value};
use super::yaml::YamlError;
use super::{Problem, Span, cloudformation};

const DESCRIBE: &str =
    "give the task definition itself: `aws ecs describe-task-definition --task-definition NAME`";
const AS_JSON: &str =
    "give the task definition as ECS JSON, such as `aws ecs describe-task-definition` prints it";
const AROUND: &str =
    "put it under `containerDefinitions` of an object with `family`, `networkMode`, `cpu` and `memory`";

/// Keys that tell what an object is: all of them must be there. The first that fits is told, at its first key.
const KNOWN: [(&[&str], &str, &str); 19] = [
    (
        &["taskDefinition", "serviceName"],
        "this is a CreateService request, which only names a task definition",
        DESCRIBE,
    ),
    (
        &["taskDefinition", "desiredCount"],
        "this is a request for a service, which only names a task definition",
        DESCRIBE,
    ),
    (
        &["taskDefinition", "service"],
        "this is an UpdateService request, which only names a task definition",
        DESCRIBE,
    ),
    (&["taskDefinition"], "this is a RunTask request, which only names a task definition", DESCRIBE),
    (
        &["taskDefinitionArns"],
        "this is a list of ARNs",
        "describe one of them: `aws ecs describe-task-definition`",
    ),
    (&["tasks"], "this is a list of running tasks", "give the task definition that they were started from"),
    (&["taskArn"], "this is a running task", "give the task definition that it was started from"),
    (&["TemplateBody"], "this is the answer of GetTemplate", "give the template in its `TemplateBody`"),
    (&["apiVersion", "kind"], "this is a Kubernetes manifest", "give an ECS task definition"),
    (&["resource"], "this is Terraform", AS_JSON),
    (&["container_definitions"], "this is Terraform: its names have underscores", AS_JSON),
    (&["task_definition"], "this is a file of ecs-cli or Terraform: its names have underscores", AS_JSON),
    (
        &["services"],
        "this is a compose file or a list of services",
        "give the task definition of one service",
    ),
    (&["serviceArn"], "this is a service", DESCRIBE),
    (&["overrides"], "these are overrides of a RunTask request", DESCRIBE),
    (
        &["policyType", "rules"],
        "this is a policy of a Console",
        "give the task definition; `proofhouse up` takes both",
    ),
    (&["openapi"], "this is an API specification", "give an ECS task definition"),
    (&["image", "name"], "this is one container definition, without the task definition around it", AROUND),
    (&["family"], "the task definition has no `containerDefinitions`", "define at least one container"),
];

/// A value that holds no task definition.
pub(super) fn other_value(root: &Node, takes: Takes) -> Problem {
    let at = |key: &str| root.member(key).map_or(root.span.head(), |member| member.key_span);
    let problem = |span, message: &str, help: &str| Problem {
        span,
        path: String::new(),
        message: message.to_owned(),
        help: help.to_owned(),
    };
    match &root.value {
        Value::Object(_) => {}
        Value::Array(items) if items.iter().any(|item| item.get("image").is_some()) => {
            let what = "this is a list of container definitions, without the task definition around it";
            return problem(root.span.head(), what, AROUND);
        }
        Value::Array(_) => {
            let what = "this is a list, not a task definition";
            return problem(root.span.head(), what, "give one object with `containerDefinitions`");
        }
        _ => {
            let what = "this is a single value, not a task definition";
            return problem(root.span, what, "give one object with `containerDefinitions`");
        }
    }
    if cloudformation::is_cloudformation(root) {
        let key = ["Resources", "ContainerDefinitions", "Properties", "AWSTemplateFormatVersion"]
            .into_iter()
            .find(|key| root.get(key).is_some());
        let span = key.map_or(root.span.head(), at);
        return match (takes, key) {
            (Takes::Everything, _) => problem(
                span,
                "this CloudFormation template has no task definition",
                "give a template with a resource of the type AWS::ECS::TaskDefinition",
            ),
            (_, Some("ContainerDefinitions" | "Properties")) => {
                let what = "this is a CloudFormation resource: its names begin with capital letters";
                problem(span, what, AS_JSON)
            }
            _ => problem(span, "this is a CloudFormation template", AS_JSON),
        };
    }
    let wrapped = root.get("taskDefinition").filter(|inner| matches!(inner.value, Value::Object(_)));
    if let Some(inner) = wrapped {
        let what = "the task definition has no `containerDefinitions`";
        return problem(inner.span.head(), what, "define at least one container");
    }
    let known = KNOWN.iter().find(|(keys, ..)| keys.iter().all(|key| root.get(key).is_some()));
    match known {
        Some((keys, message, help)) => problem(at(keys[0]), message, help),
        None => problem(
            root.span.head(),
            "there is no `containerDefinitions` here, so this is no task definition",
            "give one object with `family` and `containerDefinitions`",
        ),
    }
}

/// A text that is not JSON.
pub(super) fn not_json(text: &str, error: JsonError) -> Problem {
    let problem = |span, message: String, help: &str| Problem {
        span,
        path: String::new(),
        message,
        help: help.to_owned(),
    };
    let mut start = error.span.start.min(text.len());
    // Of `{{ name }}` the first brace is JSON.
    if text[start..].starts_with('{') && text[..start].ends_with('{') {
        start -= 1;
    }
    let rest = &text[start..];
    let word = &rest[..rest.find([',', '\n', ']']).unwrap_or(rest.len())];
    if rest.starts_with(['<', '$', '{', '#', '%', '@', '_'])
        && let Some(found) = placeholder(word.trim_end_matches(['}', ' ', '\r']))
            .or_else(|| placeholder(word))
            .filter(|found| word.starts_with(found))
    {
        let span = Span::new(start, start + found.len());
        return problem(
            span,
            format!("this is a template: the placeholder `{found}` is not filled in"),
            "replace it by a real value",
        );
    }
    problem(error.span, error.message, "correct the JSON at this place")
}

/// A text that is neither JSON nor, where YAML is taken, YAML.
pub(super) fn other_text(text: &str, body: &str, takes: Takes) -> Option<Problem> {
    let start = text.len() - body.len();
    let line = Span::new(start, start + body.find('\n').unwrap_or(body.len()));
    let problem = |span, message: String, help: &str| Problem {
        span,
        path: String::new(),
        message,
        help: help.to_owned(),
    };
    if body.is_empty() {
        return Some(problem(Span::new(0, 0), "the text is empty".to_owned(), "give a task definition"));
    }
    let (what, is_yaml, help) = other_language(body);
    match takes {
        Takes::Everything if is_yaml => None,
        Takes::Everything => Some(problem(line, format!("this is {what}, not a task definition"), help)),
        Takes::NativeJson => Some(problem(line, format!("this is {what}, not JSON"), help)),
    }
}

/// A text that begins like YAML and is none.
pub(super) fn not_yaml(error: &YamlError) -> Problem {
    Problem {
        span: error.span,
        path: String::new(),
        message: format!("this is not YAML: {}", error.message),
        help: "correct the YAML at this place".to_owned(),
    }
}

/// The one document of a YAML text that says something.
pub(super) fn one_document(text: &str, mut documents: Vec<Node>) -> Result<Node, Problem> {
    documents.retain(|document| !document.is_void());
    let is_other = |document: &Node| {
        document.get("containerDefinitions").is_none() && !cloudformation::is_cloudformation(document)
    };
    let number = documents.len();
    match documents.get(1).map(|second| second.span) {
        Some(second) if !documents.iter().all(is_other) => Err(Problem {
            span: second.head(),
            path: String::new(),
            message: format!("this text has {number} YAML documents, and a task definition is one"),
            help: "give one document; `---` begins the next".to_owned(),
        }),
        _ => documents.into_iter().next().ok_or_else(|| Problem {
            span: Span::new(0, 0),
            path: String::new(),
            message: if text.trim().is_empty() { "the text is empty" } else { "the text says nothing" }
                .to_owned(),
            help: "give a task definition".to_owned(),
        }),
    }
}

/// What a text is that does not begin like JSON, whether it may be YAML, and what to give instead.
fn other_language(text: &str) -> (&'static str, bool, &'static str) {
    let line_starts = |word: &str| text.lines().any(|line| line.trim_start().starts_with(word));
    let yaml = text.lines().any(|line| {
        let key = line.trim_start().trim_start_matches("- ");
        key.split_once(':').is_some_and(|(key, rest)| {
            !key.is_empty()
                && key.chars().all(|c| c.is_alphanumeric() || "_-\"'".contains(c))
                && (rest.is_empty() || rest.starts_with([' ', '\r']))
        })
    });
    if line_starts("resource \"") || line_starts("module \"") || line_starts("variable \"") {
        ("Terraform", false, AS_JSON)
    } else if text.starts_with('<') {
        ("markup", false, "give a task definition in JSON")
    } else if line_starts("AWSTemplateFormatVersion") || text.contains("AWS::ECS::") {
        ("a CloudFormation template in YAML", true, AS_JSON)
    } else if yaml && line_starts("services:") {
        ("a compose file", true, "give an ECS task definition in JSON")
    } else if yaml {
        ("YAML", true, "convert it to JSON; the ECS API takes nothing else")
    } else if line_starts("FROM ") {
        ("a recipe of an image", false, "give the task definition that names the image")
    } else {
        ("plain text", false, "give a task definition in JSON")
    }
}
