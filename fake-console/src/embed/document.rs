//! The whole document: which part of it is a task definition, and what becomes of that.

use super::EmbedError;
use super::cloudformation::{embed_template, is_cloud_formation};
use super::definition::protected;
use super::dialect::Dialect;
use super::request::EmbedRequest;
use serde_json::Value;

/// Members of `describe-task-definition` that registration refuses; the output does without them (E31) [TULE, PROT].
const READ_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "deleteRequestedAt",
];

/// Protects a document: a native task definition, the answer of `describe-task-definition`, or CloudFormation.
///
/// # Errors
/// When the document is not a task definition that can be protected; nothing half-protected is returned.
pub fn embed(document: Value, request: &EmbedRequest) -> Result<Value, EmbedError> {
    if request.console_address.is_empty() {
        return Err(EmbedError::MissingConsoleAddress);
    }
    if is_cloud_formation(&document) {
        return embed_template(document, request);
    }
    let Value::Object(mut document) = document else { return Err(EmbedError::NotAnObject) };
    if let Some(Value::Object(mut inner)) = document.shift_remove("taskDefinition") {
        if let (Some(tags), false) = (document.shift_remove("tags"), inner.contains_key("tags")) {
            inner.insert("tags".to_owned(), tags);
        }
        document = inner;
    }
    for member in READ_ONLY {
        document.shift_remove(member);
    }
    Ok(Value::Object(protected(document, Dialect::Native, request)?))
}
