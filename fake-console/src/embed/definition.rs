//! One task definition, in either spelling.

use super::EmbedError;
use super::container::wrapped;
use super::dialect::Dialect;
use super::member::{Place, text_of};
use super::request::EmbedRequest;
use super::sidecar::sidecar;
use serde_json::{Map, Value};

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
    let own = request.names.sidecar.as_str();
    let (former, apps): (Vec<_>, Vec<_>) =
        containers.into_iter().partition(|container| text_of(container, &name_key) == Some(own));
    if apps.is_empty() {
        return Err(EmbedError::NoContainers);
    }
    let family = place.text(&dialect.key("family")).map_err(|_| EmbedError::NoFamily)?;
    let former = former.into_iter().next();
    if let Some(former) = &former {
        refuse_cycle(own, former, &apps, dialect)?;
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
    own: &str,
    former: &Map<String, Value>,
    apps: &[Map<String, Value>],
    dialect: Dialect,
) -> Result<(), EmbedError> {
    let words = format!("container '{own}'");
    let place = Place { object: former, name: &words };
    for dependency in place.objects(&dialect.key("dependsOn"))? {
        let on = text_of(&dependency, &dialect.key("containerName"));
        if apps.iter().any(|app| text_of(app, &dialect.key("name")) == on) {
            return Err(EmbedError::Cycle {
                sidecar: own.to_owned(),
                container: on.unwrap_or_default().to_owned(),
            });
        }
    }
    Ok(())
}
