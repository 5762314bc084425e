//! What a run changes in its task definition (API model, `TaskOverride`).

use super::ApiError;
use super::register;
use crate::rules::{Date, Table};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a run changes. A member that is not here is refused.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Overrides {
    /// By container.
    #[serde(default)]
    container_overrides: Vec<ContainerOverride>,
    /// Size of the task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cpu: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    memory: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    execution_role_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task_role_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ephemeral_storage: Option<Value>,
    /// Accepted as long as it changes nothing: the service is retired.
    #[serde(default)]
    inference_accelerator_overrides: Vec<Value>,
}

/// What a run changes in a container.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ContainerOverride {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    environment: Vec<Variable>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    environment_files: Vec<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cpu: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    memory: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    memory_reservation: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    resource_requirements: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variable {
    name: String,
    value: String,
}

/// Holds the `overrides` of a request, as they came, against the length that RunTask takes (class E31).
///
/// # Errors
/// `InvalidParameterException`, in AWS's words.
pub(super) fn check_length(request: &Value, date: Date) -> Result<(), ApiError> {
    let Some(overrides) = request.get("overrides").filter(|overrides| !overrides.is_null()) else {
        return Ok(());
    };
    let length = overrides.to_string().chars().count();
    match Table::fargate().overrides_too_long(length, date) {
        Some((_, words)) => Err(ApiError::parameter(words)),
        None => Ok(()),
    }
}

impl Overrides {
    /// The definition with the changes in it.
    ///
    /// # Errors
    /// `InvalidParameterException` for a container that the definition does not have, and for a change with which Fargate would
    /// not take the definition.
    pub fn apply(&self, definition: &Value, date: Date) -> Result<Value, ApiError> {
        if !self.inference_accelerator_overrides.is_empty() {
            return Err(ApiError::parameter(
                "Fargate has no inference accelerators: inferenceAcceleratorOverrides must be empty",
            ));
        }
        let mut changed = definition.clone();
        let task = [
            ("cpu", &self.cpu),
            ("memory", &self.memory),
            ("executionRoleArn", &self.execution_role_arn),
            ("taskRoleArn", &self.task_role_arn),
        ];
        for (member, value) in task {
            if let Some(value) = value {
                changed[member] = json!(value);
            }
        }
        if let Some(storage) = &self.ephemeral_storage {
            changed["ephemeralStorage"] = storage.clone();
        }
        for of_container in &self.container_overrides {
            let containers = changed["containerDefinitions"].as_array_mut();
            let container =
                containers.and_then(|all| all.iter_mut().find(|one| one["name"] == json!(of_container.name)));
            of_container.apply(container.ok_or_else(|| {
                ApiError::parameter(format!(
                    "Override for container named {} is not a container in the TaskDefinition.",
                    of_container.name
                ))
            })?);
        }
        register::judge_changed(&changed, date)
            .map_err(|error| ApiError::parameter(format!("the overrides cannot be: {}", error.message)))?;
        Ok(changed)
    }

    /// As the task tells it: every container has an entry.
    pub fn document(&self, containers: &[String]) -> Value {
        let mut document = json!(self);
        let missing =
            containers.iter().filter(|name| !self.container_overrides.iter().any(|one| one.name == **name));
        if let Some(list) = document["containerOverrides"].as_array_mut() {
            list.extend(missing.map(|name| json!({"name": name})));
        }
        document
    }
}

impl ContainerOverride {
    fn apply(&self, container: &mut Value) {
        if let Some(command) = &self.command {
            container["command"] = json!(command);
        }
        for (member, value) in
            [("cpu", self.cpu), ("memory", self.memory), ("memoryReservation", self.memory_reservation)]
        {
            if let Some(value) = value {
                container[member] = json!(value);
            }
        }
        for (member, values) in [
            ("environmentFiles", &self.environment_files),
            ("resourceRequirements", &self.resource_requirements),
        ] {
            if !values.is_empty() {
                container[member] = json!(values);
            }
        }
        let overridden = |name: &Value| self.environment.iter().any(|one| *name == json!(one.name));
        let mut variables = container["environment"].as_array().cloned().unwrap_or_default();
        variables.retain(|one| !overridden(&one["name"]));
        variables.extend(self.environment.iter().map(|one| json!(one)));
        container["environment"] = json!(variables);
    }
}

#[cfg(test)]
mod tests {
    use super::super::ErrorKind;
    use super::super::input::parameters;
    use super::*;

    fn definition() -> Value {
        json!({"family": "two", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "containerDefinitions": [
            {"name": "a", "image": "x", "command": ["old"], "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
            {"name": "b", "image": "x"}]})
    }

    fn applied(overrides: Value) -> Result<Value, ApiError> {
        parameters::<Overrides>(overrides)?.apply(&definition(), Date::today())
    }

    #[test]
    fn each_member_changes_what_it_names() {
        let changed = applied(json!({"cpu": "512", "memory": "1024", "taskRoleArn": "arn:aws:iam::1:role/r", "executionRoleArn": "arn:aws:iam::1:role/e",
            "ephemeralStorage": {"sizeInGiB": 30}, "containerOverrides": [{"name": "a", "command": ["new", "words"], "cpu": 128, "memory": 300,
            "memoryReservation": 200, "environment": [{"name": "A", "value": "9"}, {"name": "C", "value": "3"}]}]}))
        .unwrap();
        let expected = json!({"family": "two", "networkMode": "awsvpc", "cpu": "512", "memory": "1024", "executionRoleArn": "arn:aws:iam::1:role/e",
            "taskRoleArn": "arn:aws:iam::1:role/r", "ephemeralStorage": {"sizeInGiB": 30}, "containerDefinitions": [
            {"name": "a", "image": "x", "command": ["new", "words"], "cpu": 128, "memory": 300, "memoryReservation": 200,
             "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "9"}, {"name": "C", "value": "3"}]},
            {"name": "b", "image": "x"}]});
        assert_eq!(changed, expected);
        assert_eq!(applied(json!({})), Ok(definition()), "nothing changes nothing");
    }

    #[test]
    fn what_cannot_be_is_refused_and_never_ignored() {
        for (overrides, words) in [
            (json!({"containerOverrides": [{"name": "c"}]}), "Override for container named c"),
            (json!({"containerOverrides": [{"name": "a", "entryPoint": ["x"]}]}), "entryPoint"),
            (json!({"runtimePlatform": {}}), "runtimePlatform"),
            (json!({"cpu": "300"}), "the overrides cannot be"),
            (json!({"ephemeralStorage": {"sizeInGiB": 20}}), "at least 21"),
            (json!({"containerOverrides": [{"name": "a", "memory": 9000}]}), "the overrides cannot be"),
            (
                json!({"containerOverrides": [{"name": "a", "resourceRequirements": [{"type": "GPU", "value": "1"}]}]}),
                "GPU",
            ),
            (
                json!({"inferenceAcceleratorOverrides": [{"deviceName": "d"}]}),
                "inferenceAcceleratorOverrides",
            ),
        ] {
            let error = applied(overrides.clone()).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidParameter, "{overrides}");
            assert!(error.message.contains(words), "{overrides}: {error}");
        }
    }

    #[test]
    fn they_are_as_long_as_they_are_without_spaces() {
        let of = |letters: usize| json!({"overrides": {"containerOverrides": [{"name": "a", "environment": [{"name": "P", "value": "é".repeat(letters)}]}]}});
        let rest = of(0)["overrides"].to_string().len();
        let date = Date::today();
        assert_eq!(check_length(&of(8192 - rest), date), Ok(()), "characters, not bytes");
        let error = check_length(&of(8193 - rest), date).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidParameter);
        assert!(error.message.starts_with("Container Overrides length must be at most 8192"), "{error}");
        assert_eq!(check_length(&json!({"overrides": null}), date), Ok(()));
    }

    #[test]
    fn a_definition_that_they_make_longer_than_registration_takes_still_runs() {
        let mut definition = definition();
        definition["containerDefinitions"][0]["environment"][0]["value"] = json!("x".repeat(65_000));
        let overrides = json!({"containerOverrides": [{"name": "b", "environment": [{"name": "C", "value": "y".repeat(2_000)}]}]});
        let overrides: Overrides = parameters(overrides).unwrap();
        assert!(overrides.apply(&definition, Date::today()).is_ok());
    }

    #[test]
    fn a_variable_that_is_a_secret_is_refused() {
        let mut definition = definition();
        definition["executionRoleArn"] = json!("arn:aws:iam::1:role/e");
        definition["containerDefinitions"][1]["secrets"] = json!([{"name": "C", "valueFrom": "c"}]);
        let overrides =
            json!({"containerOverrides": [{"name": "b", "environment": [{"name": "C", "value": "y"}]}]});
        let overrides: Overrides = parameters(overrides).unwrap();
        let error = overrides.apply(&definition, Date::today()).unwrap_err();
        assert!(error.message.contains("secret name must be unique"), "{error}");
    }

    #[test]
    fn the_task_tells_them_for_every_container() {
        let overrides: Overrides =
            parameters(json!({"containerOverrides": [{"name": "b", "command": ["x"]}]})).unwrap();
        let document = overrides.document(&["a".to_owned(), "b".to_owned()]);
        assert_eq!(document["containerOverrides"], json!([{"name": "b", "command": ["x"]}, {"name": "a"}]));
        assert_eq!(document["inferenceAcceleratorOverrides"], json!([]));
    }
}
