//! The sidecar: a new one in the exact shape and order of section 4.1, or a former one brought up to date.

use super::EmbedError;
use super::dialect::Dialect;
use super::member::{Place, text_of};
use super::request::{EmbedRequest, variable};
use serde_json::{Map, Value, json};

const ENTRY_POINT: [&str; 3] = ["/usr/local/bin/defender", "fargate", "sidecar"];
const HEALTH_COMMAND: [&str; 3] = ["/usr/local/bin/defender", "fargate", "healthcheck"];

/// Our own: how a Console of the profile `legacy-20` tells a Defender, which could not be told by a link, to let apps run.
const BROKEN_BUNDLE: &str = "BROKEN_BUNDLE";

/// The sidecar of a task. A former one keeps what its owner gave it: size, logs, `essential`, more environment,
/// a health check of its own, a bundle that comes from `secrets` (E12, E29, E30, E34).
pub(super) fn sidecar(
    former: Option<Map<String, Value>>,
    family: &str,
    dialect: Dialect,
    request: &EmbedRequest,
) -> Result<Map<String, Value>, EmbedError> {
    let key = |native: &str| dialect.key(native);
    let former = former.unwrap_or_default();
    let environment = environment(&former, family, dialect, request)?;
    let mut sidecar = former;
    sidecar.insert(key("name"), json!(request.names.sidecar));
    sidecar.insert(key("image"), json!(request.sidecar_image));
    sidecar.insert(key("entryPoint"), json!(ENTRY_POINT));
    sidecar.insert(key("environment"), environment);
    insert_if_absent(&mut sidecar, key("essential"), json!(true));
    insert_if_absent(&mut sidecar, key("healthCheck"), health_check(dialect, request));
    insert_if_absent(&mut sidecar, key("portMappings"), json!([]));
    let log = key("logConfiguration");
    if sidecar.get(&log).is_none_or(Value::is_null) {
        sidecar.shift_remove(&log);
        if request.compatibility.null_log_configuration && dialect == Dialect::Native {
            sidecar.insert(log, Value::Null);
        }
    }
    Ok(sidecar)
}

fn insert_if_absent(object: &mut Map<String, Value>, key: String, value: Value) {
    if object.get(&key).is_none_or(Value::is_null) {
        object.insert(key, value);
    }
}

/// The six variables in the order that scripts rely on (index 0 the bundle, index 3 the address), then a former
/// sidecar's own.
fn environment(
    former: &Map<String, Value>,
    family: &str,
    dialect: Dialect,
    request: &EmbedRequest,
) -> Result<Value, EmbedError> {
    let address = request.address();
    let mut ours = vec![
        ("INSTALL_BUNDLE", request.install_bundle.reveal()),
        ("DEFENDER_TYPE", "fargate"),
        ("FARGATE_TASK", family),
        ("WS_ADDRESS", address.as_str()),
        ("FILESYSTEM_MONITORING", if request.filesystem_monitoring { "true" } else { "false" }),
        ("FIPS_ENABLED", if request.fips { "true" } else { "false" }),
    ];
    if request.unprotected_without_bundle {
        ours.push((BROKEN_BUNDLE, "unprotected"));
    }
    let words = format!("container '{}'", request.names.sidecar);
    let place = Place { object: former, name: &words };
    let name = dialect.key("name");
    let secrets = place.objects(&dialect.key("secrets"))?;
    let is_secret = |variable: &str| secrets.iter().any(|secret| text_of(secret, &name) == Some(variable));
    let mut entries: Vec<Value> = ours
        .iter()
        .filter(|(variable, _)| !is_secret(variable))
        .map(|(name, value)| variable(dialect, name, value))
        .collect();
    let own = place.objects(&dialect.key("environment"))?;
    entries.extend(
        own.into_iter()
            .filter(|entry| ours.iter().all(|(variable, _)| text_of(entry, &name) != Some(variable)))
            .map(Value::Object),
    );
    Ok(Value::Array(entries))
}

/// Command without a leading `CMD`, 5/5/3/1 [CFT30, HATCH].
fn health_check(dialect: Dialect, request: &EmbedRequest) -> Value {
    let inner = if request.compatibility.lower_case_health_check { Dialect::Native } else { dialect };
    let mut check = Map::new();
    check.insert(inner.key("command"), json!(HEALTH_COMMAND));
    for (member, seconds) in [("interval", 5), ("timeout", 5), ("retries", 3), ("startPeriod", 1)] {
        check.insert(inner.key(member), json!(seconds));
    }
    Value::Object(check)
}
