//! The whole document: which part of it is a task definition, and what becomes of that.

use super::EmbedError;
use super::cloudformation::{embed_template, is_cloud_formation};
use super::container::wrapped;
use super::dialect::Dialect;
use super::member::{Place, text_of};
use super::request::EmbedRequest;
use super::sidecar::{SIDECAR_NAME, sidecar};
use serde_json::{Map, Value};

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

/// One task definition with every container wrapped and the sidecar last (E1, E2).
pub(super) fn protected(
    mut definition: Map<String, Value>,
    dialect: Dialect,
    request: &EmbedRequest,
) -> Result<Map<String, Value>, EmbedError> {
    let place = Place { object: &definition, name: "task definition" };
    let containers_key = dialect.key("containerDefinitions");
    let containers = place.objects(&containers_key)?;
    let name_key = dialect.key("name");
    for (index, container) in containers.iter().enumerate() {
        Place { object: container, name: &format!("container {index}") }.text(&name_key)?;
    }
    let (former, apps): (Vec<_>, Vec<_>) =
        containers.into_iter().partition(|container| text_of(container, &name_key) == Some(SIDECAR_NAME));
    if apps.is_empty() {
        return Err(EmbedError::NoContainers);
    }
    let family = place.text(&dialect.key("family")).map_err(|_| EmbedError::NoFamily)?;
    let former = former.into_iter().next();
    if let Some(former) = &former {
        refuse_cycle(former, &apps, dialect)?;
    }
    let mut containers = Vec::with_capacity(apps.len() + 1);
    for app in apps {
        containers.push(Value::Object(wrapped(app, &family, dialect, request)?));
    }
    containers.push(Value::Object(sidecar(former, &family, dialect, request)?));
    definition.insert(containers_key, Value::Array(containers));
    Ok(definition)
}

fn refuse_cycle(
    former: &Map<String, Value>,
    apps: &[Map<String, Value>],
    dialect: Dialect,
) -> Result<(), EmbedError> {
    let place = Place { object: former, name: "container 'TwistlockDefender'" };
    for dependency in place.objects(&dialect.key("dependsOn"))? {
        let on = text_of(&dependency, &dialect.key("containerName"));
        if apps.iter().any(|app| text_of(app, &dialect.key("name")) == on) {
            return Err(EmbedError::Cycle { container: on.unwrap_or_default().to_owned() });
        }
    }
    Ok(())
}
