//! CloudFormation: a whole template, or just the resource; everything else passes through (E22 to E24) [EMB].

use super::EmbedError;
use super::definition::protected;
use super::dialect::Dialect;
use super::request::EmbedRequest;
use serde_json::{Map, Value};

const TASK_DEFINITION: &str = "AWS::ECS::TaskDefinition";

/// Whether a document is CloudFormation rather than a native task definition.
#[must_use]
pub fn is_cloud_formation(document: &Value) -> bool {
    document.get("Resources").is_some_and(Value::is_object) || is_task_definition(document)
}

fn is_task_definition(resource: &Value) -> bool {
    resource.get("Type").and_then(Value::as_str) == Some(TASK_DEFINITION)
}

/// Protects every task definition of a template, or the resource that the document is.
pub(super) fn embed_template(mut document: Value, request: &EmbedRequest) -> Result<Value, EmbedError> {
    if is_task_definition(&document) {
        protect(&mut document, "", request)?;
        return Ok(document);
    }
    let resources = document.get_mut("Resources").and_then(Value::as_object_mut);
    let mut found = false;
    for (name, resource) in resources.into_iter().flatten().filter(|(_, r)| is_task_definition(r)) {
        protect(resource, &format!("Resources.{name}."), request)?;
        found = true;
    }
    if found { Ok(document) } else { Err(EmbedError::NoTaskDefinition) }
}

fn protect(resource: &mut Value, path: &str, request: &EmbedRequest) -> Result<(), EmbedError> {
    let Some(properties) = resource.get_mut("Properties").and_then(Value::as_object_mut) else {
        return Err(EmbedError::BadMember {
            place: format!("resource {}", path.trim_end_matches('.')),
            member: "Properties".to_owned(),
            expected: "an object",
        });
    };
    for (name, value) in properties.iter() {
        refuse_intrinsics(value, &format!("{path}Properties.{name}"))?;
    }
    *properties = protected(std::mem::take(properties), Dialect::CloudFormation, request)?;
    Ok(())
}

fn refuse_intrinsics(value: &Value, path: &str) -> Result<(), EmbedError> {
    match value {
        Value::Object(object) => {
            if let Some(function) = intrinsic(object) {
                return Err(EmbedError::Intrinsic { path: path.to_owned(), function });
            }
            object.iter().try_for_each(|(name, value)| refuse_intrinsics(value, &format!("{path}.{name}")))
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, value)| refuse_intrinsics(value, &format!("{path}[{index}]"))),
        _ => Ok(()),
    }
}

fn intrinsic(object: &Map<String, Value>) -> Option<String> {
    let mut names = object.keys();
    match (names.next(), names.next()) {
        (Some(name), None) if name == "Ref" || name == "Condition" || name.starts_with("Fn::") => {
            Some(name.clone())
        }
        _ => None,
    }
}
