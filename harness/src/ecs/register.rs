//! What becomes of a task definition when it is registered: it is judged, and written out as describing shows it.

use super::ApiError;
use crate::definition::{Cpu, Memory, TaskDefinition};
use crate::rules::{self, Date, Finding, RefusedBy, Table};
use serde_json::{Map, Value, json};

/// Judges a definition as Fargate would on that day.
///
/// # Errors
/// The first reason to reject it: `ClientException` in AWS's words where they are known, `InvalidParameterException` in the
/// CLI's words for what the CLI and SDKs refuse before any call (class E28).
pub(super) fn judge(definition: &Value, date: Date) -> Result<(), ApiError> {
    judge_but(definition, date, &[])
}

/// Judges what a run makes of a registered definition: how long that is does not matter any more (class E30).
///
/// # Errors
/// As [`judge`].
pub(super) fn judge_changed(definition: &Value, date: Date) -> Result<(), ApiError> {
    judge_but(definition, date, &["E30"])
}

fn judge_but(definition: &Value, date: Date, left_out: &[&str]) -> Result<(), ApiError> {
    let mut definition = definition.clone();
    if let Some(members) = definition.as_object_mut() {
        // Without it a text is no task definition to the reader, and E18 has the words for it.
        members.entry("containerDefinitions").or_insert_with(|| json!([]));
    }
    let read = TaskDefinition::parse_all("the request", &definition.to_string());
    let read = read.map_err(|error| ApiError::client(error.to_string()))?;
    let findings = read.iter().flat_map(|definition| rules::check(definition, date));
    let counts = |finding: &Finding| finding.rejects() && !left_out.contains(&finding.class.0.as_str());
    match findings.into_iter().find(counts) {
        Some(finding) => Err(refusal(&finding)),
        None => Ok(()),
    }
}

fn refusal(finding: &Finding) -> ApiError {
    if finding.refused_by == RefusedBy::Client {
        let path = if finding.path.is_empty() { String::new() } else { format!("{}: ", finding.path) };
        return ApiError::parameter(format!("Parameter validation failed: {path}{}", finding.message));
    }
    ApiError::client(finding.message.clone())
}

/// The definition as describing shows it, without what a revision adds, and its tags. What ECS fills in is filled in; sizes
/// are in units.
pub(super) fn written_out(definition: &Value) -> (Map<String, Value>, Vec<Value>) {
    let mut whole = definition.as_object().cloned().unwrap_or_default();
    for member in Table::fargate().answered() {
        whole.shift_remove(member);
    }
    let tags = match whole.shift_remove("tags") {
        Some(Value::Array(tags)) => tags,
        _ => Vec::new(),
    };
    whole.retain(|_, value| !value.is_null());
    for member in ["volumes", "placementConstraints"] {
        whole.entry(member).or_insert_with(|| json!([]));
    }
    let units = |whole: &mut Map<String, Value>, member: &str, read: fn(&str) -> Option<u64>| {
        if let Some(size) = whole.get(member).and_then(Value::as_str).and_then(read) {
            whole.insert(member.to_owned(), json!(size.to_string()));
        }
    };
    units(&mut whole, "cpu", |text| Cpu::parse(text).ok().map(|cpu| cpu.0));
    units(&mut whole, "memory", |text| Memory::parse(text).ok().map(|memory| memory.0));
    let containers = whole.get_mut("containerDefinitions").and_then(Value::as_array_mut);
    for container in containers.into_iter().flatten().filter_map(Value::as_object_mut) {
        fill_in(container);
    }
    (whole, tags)
}

fn fill_in(container: &mut Map<String, Value>) {
    container.retain(|_, value| !value.is_null());
    container.entry("cpu").or_insert_with(|| json!(0));
    container.entry("essential").or_insert_with(|| json!(true));
    for member in ["portMappings", "environment", "mountPoints", "volumesFrom", "systemControls"] {
        container.entry(member).or_insert_with(|| json!([]));
    }
    let ports = container.get_mut("portMappings").and_then(Value::as_array_mut);
    for port in ports.into_iter().flatten().filter_map(Value::as_object_mut) {
        if let Some(number) = port.get("containerPort").cloned() {
            port.entry("hostPort").or_insert(number);
        }
        port.entry("protocol").or_insert_with(|| json!("tcp"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::ErrorKind;
    use super::*;

    fn plain() -> Value {
        json!({"family": "plain", "networkMode": "awsvpc", "cpu": ".25 vCPU", "memory": "512", "executionRoleArn": null,
            "tags": [{"key": "a", "value": "b"}], "revision": 7,
            "containerDefinitions": [{"name": "app", "image": "nginx", "command": null, "portMappings": [{"containerPort": 80}]}]})
    }

    fn refused(change: impl Fn(&mut Value)) -> ApiError {
        let mut definition = plain();
        change(&mut definition);
        judge(&definition, Date::today()).unwrap_err()
    }

    #[test]
    fn what_fargate_takes_is_written_out_as_ecs_does() {
        assert_eq!(judge(&plain(), Date::today()), Ok(()));
        let (whole, tags) = written_out(&plain());
        assert_eq!(tags, [json!({"key": "a", "value": "b"})]);
        let expected = json!({"family": "plain", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "containerDefinitions": [{"name": "app", "image": "nginx", "cpu": 0, "essential": true, "environment": [], "mountPoints": [],
                "volumesFrom": [], "systemControls": [],
                "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}]}],
            "volumes": [], "placementConstraints": []});
        assert_eq!(Value::Object(whole.clone()), expected);
        assert_eq!(
            judge(&Value::Object(whole), Date::today()),
            Ok(()),
            "what is shown can be registered again"
        );
    }

    #[test]
    fn a_rejection_has_the_words_of_aws() {
        let error = refused(|definition| definition["networkMode"] = json!("bridge"));
        assert_eq!(error.kind, ErrorKind::Client);
        assert!(error.message.contains("Fargate only supports network mode"), "{error}");
        let error = refused(|definition| definition["containerDefinitions"][0]["privileged"] = json!(true));
        assert!(error.message.contains("'privileged' setting be 'false'"), "{error}");
    }

    #[test]
    fn what_clients_refuse_has_their_words() {
        let error = refused(|definition| definition["cpu"] = json!(256));
        assert_eq!(error.kind, ErrorKind::InvalidParameter);
        assert!(error.message.starts_with("Parameter validation failed: "), "{error}");
        let error = refused(|definition| definition["nonsense"] = json!(1));
        assert!(error.message.contains("Unknown parameter in input"), "{error}");
        let error = judge(&json!({"family": "x"}), Date::today()).unwrap_err();
        assert_ne!(error.kind, ErrorKind::Server);
    }
}
