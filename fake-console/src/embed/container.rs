//! Wraps one app container: only the members of section 4.1 change.

use super::EmbedError;
use super::dialect::Dialect;
use super::entrypoint::start;
use super::member::{Place, text_of};
use super::request::{EmbedRequest, variable};
use serde_json::{Map, Value, json};

const CAPABILITY: &str = "SYS_PTRACE";

/// The container under the Defender; everything that section 4.1 does not name is as before.
pub(super) fn wrapped(
    mut container: Map<String, Value>,
    family: &str,
    dialect: Dialect,
    request: &EmbedRequest,
) -> Result<Map<String, Value>, EmbedError> {
    let key = |native: &str| dialect.key(native);
    let name = text_of(&container, &key("name")).unwrap_or_default().to_owned();
    let words = format!("container '{name}'");
    let place = Place { object: &container, name: &words };

    let image = place.text(&key("image"))?;
    let command = place.strings(&key("command"))?;
    let start = start(&name, &image, &place.strings(&key("entryPoint"))?, &command, request)?;
    let environment = environment(&place, &name, &image, family, dialect, request)?;
    let depends_on = depends_on(&place, dialect, &request.names.sidecar)?;
    let linux_parameters = linux_parameters(&place, dialect)?;
    let volumes_from = volumes_from(&place, dialect, &request.names.sidecar)?;

    let entry_point: Vec<&String> = request.names.wrapper.iter().chain(&start.entry_point).collect();
    container.insert(key("entryPoint"), json!(entry_point));
    match start.command {
        None => {}
        Some(None) => {
            container.shift_remove(&key("command"));
        }
        Some(Some(command)) => {
            container.insert(key("command"), json!(command));
        }
    }
    container.insert(key("environment"), environment);
    container.insert(key("dependsOn"), depends_on);
    container.insert(key("linuxParameters"), linux_parameters);
    container.insert(key("volumesFrom"), volumes_from);
    Ok(container)
}

/// Originals first, then the six variables; an original of the same name gives way (E9).
fn environment(
    place: &Place<'_>,
    name: &str,
    image: &str,
    family: &str,
    dialect: Dialect,
    request: &EmbedRequest,
) -> Result<Value, EmbedError> {
    let ours = [
        ("TW_IMAGE_NAME", image),
        ("TW_CONTAINER_NAME", name),
        ("DEFENDER_TYPE", "fargate"),
        ("FARGATE_TASK", family),
        ("FILESYSTEM_MONITORING", if request.filesystem_monitoring { "true" } else { "false" }),
        ("FIPS_ENABLED", if request.fips { "true" } else { "false" }),
    ];
    let mut entries = place.objects(&dialect.key("environment"))?;
    entries.retain(|entry| ours.iter().all(|(name, _)| text_of(entry, &dialect.key("name")) != Some(name)));
    let mut entries: Vec<Value> = entries.into_iter().map(Value::Object).collect();
    entries.extend(ours.iter().map(|(name, value)| variable(dialect, name, value)));
    Ok(Value::Array(entries))
}

/// Own dependencies stay; the one on the sidecar is there once, with the condition `HEALTHY` (E7).
fn depends_on(place: &Place<'_>, dialect: Dialect, sidecar: &str) -> Result<Value, EmbedError> {
    let mut ours = Map::new();
    ours.insert(dialect.key("containerName"), json!(sidecar));
    ours.insert(dialect.key("condition"), json!("HEALTHY"));
    once(place, &dialect.key("dependsOn"), &dialect.key("containerName"), ours)
}

/// Own volumes stay; the sidecar's is there once, writable (E5).
fn volumes_from(place: &Place<'_>, dialect: Dialect, sidecar: &str) -> Result<Value, EmbedError> {
    let mut ours = Map::new();
    ours.insert(dialect.key("sourceContainer"), json!(sidecar));
    ours.insert(dialect.key("readOnly"), json!(false));
    once(place, &dialect.key("volumesFrom"), &dialect.key("sourceContainer"), ours)
}

/// The list `member` with `ours` in it exactly once: where an entry of the same identity stood, or at the end.
fn once(
    place: &Place<'_>,
    member: &str,
    identity: &str,
    ours: Map<String, Value>,
) -> Result<Value, EmbedError> {
    let mut entries = place.objects(member)?;
    let same = |entry: &Map<String, Value>| entry.get(identity) == ours.get(identity);
    match entries.iter().position(same) {
        Some(at) => {
            let mut index = 0;
            entries.retain(|entry| {
                index += 1;
                index - 1 <= at || !same(entry)
            });
            entries[at] = ours;
        }
        None => entries.push(ours),
    }
    Ok(Value::Array(entries.into_iter().map(Value::Object).collect()))
}

/// `SYS_PTRACE` is added once; everything else of `linuxParameters` stays (E8).
fn linux_parameters(place: &Place<'_>, dialect: Dialect) -> Result<Value, EmbedError> {
    let mut parameters = place.object(&dialect.key("linuxParameters"))?;
    let words = format!("{}, linuxParameters", place.name);
    let mut capabilities =
        Place { object: &parameters, name: &words }.object(&dialect.key("capabilities"))?;
    let words = format!("{words}.capabilities");
    let mut add = Place { object: &capabilities, name: &words }.strings(&dialect.key("add"))?;
    if !add.iter().any(|capability| capability == CAPABILITY) {
        add.push(CAPABILITY.to_owned());
    }
    capabilities.insert(dialect.key("add"), json!(add));
    parameters.insert(dialect.key("capabilities"), Value::Object(capabilities));
    Ok(Value::Object(parameters))
}
