//! What the embed made of a definition.

use super::{ScenarioWorld, StepError, StepResult};
use serde_json::{Value, json};

const SIDECAR: &str = "TwistlockDefender";
const WRAPPER: [&str; 3] = ["/var/lib/twistlock/fargate/defender", "fargate", "entrypoint"];

/// The definition itself, without the wrapper object of a describe call.
pub(super) fn unwrapped(definition: &Value) -> &Value {
    definition.get("taskDefinition").unwrap_or(definition)
}

/// The containers of a definition.
pub(super) fn containers(definition: &Value) -> &[Value] {
    unwrapped(definition)["containerDefinitions"].as_array().map_or(&[], Vec::as_slice)
}

/// Whether a definition has a Defender's sidecar.
pub(super) fn is_protected(definition: &Value) -> bool {
    container(definition, SIDECAR).is_ok()
}

/// Makes the sidecar of a protected definition one that the task can do without.
pub(super) fn let_the_sidecar_go(definition: &mut Value) -> StepResult {
    let all = definition["containerDefinitions"].as_array_mut().into_iter().flatten();
    let mut sidecars = all.filter(|container| container["name"] == json!(SIDECAR));
    let sidecar = sidecars.next().ok_or_else(|| StepError::new("the definition has no sidecar"))?;
    sidecar["essential"] = json!(false);
    Ok(())
}

/// A container of a definition, by its name.
pub(super) fn container<'a>(definition: &'a Value, name: &str) -> Result<&'a Value, StepError> {
    containers(definition).iter().find(|container| container["name"] == json!(name)).ok_or_else(|| {
        let names: Vec<_> = containers(definition).iter().filter_map(|c| c["name"].as_str()).collect();
        StepError::new(format!("the definition has no container \"{name}\"; it has {}", names.join(", ")))
    })
}

/// Equal as JSON: members in any order, elements in theirs.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        _ => left == right,
    }
}

impl ScenarioWorld {
    /// The name of the last container of the embedded definition.
    pub(crate) fn expect_last_container(&self, name: &str) -> StepResult {
        let last = containers(self.embedded()?).last().map_or(&Value::Null, |container| &container["name"]);
        self.conclude(
            "last container",
            last == &json!(name),
            format!("expected \"{name}\" last, the last is {last}"),
        )
    }

    /// One container more than the original, however often it was embedded.
    pub(crate) fn expect_one_container_more(&self) -> StepResult {
        let (before, after) = (containers(self.definition()?).len(), containers(self.embedded()?).len());
        self.conclude(
            "number of containers",
            after == before + 1,
            format!("expected {} containers, the embedded definition has {after}", before + 1),
        )
    }

    /// A member of a container as JSON.
    pub(crate) fn expect_member(&self, name: &str, member: &str, expected: &str) -> StepResult {
        let expected: Value = serde_json::from_str(expected)
            .map_err(|error| StepError::new(format!("the expected value is not JSON: {error}")))?;
        let found = &container(self.embedded()?, name)?[member];
        self.conclude(
            "member of a container",
            same(found, &expected),
            format!("expected \"{member}\" of \"{name}\" to be {expected}, it is {found}"),
        )
    }

    /// The wrapper, then the original elements.
    pub(crate) fn expect_wrapped(&self, name: &str, member: &str) -> StepResult {
        let original = container(self.definition()?, name)?[member].as_array().cloned().unwrap_or_default();
        let expected: Vec<Value> = WRAPPER.iter().map(|word| json!(word)).chain(original).collect();
        let found = &container(self.embedded()?, name)?[member];
        let expected = Value::Array(expected);
        self.conclude(
            "wrapped entry point",
            *found == expected,
            format!("expected \"{member}\" of \"{name}\" to be {expected}, it is {found}"),
        )
    }

    /// A member of a container is what it was.
    pub(crate) fn expect_member_as_before(&self, name: &str, member: &str) -> StepResult {
        let before = container(self.definition()?, name)?.get(member);
        let after = container(self.embedded()?, name)?.get(member);
        let text = |value: Option<&Value>| value.map_or_else(|| "absent".to_owned(), ToString::to_string);
        self.conclude(
            "member of a container unchanged",
            text(before) == text(after),
            format!("\"{member}\" of \"{name}\" was {}, it is {}", text(before), text(after)),
        )
    }

    /// A member of the task is what it was.
    pub(crate) fn expect_task_member_as_before(&self, member: &str) -> StepResult {
        let before = unwrapped(self.definition()?).get(member);
        let after = unwrapped(self.embedded()?).get(member);
        self.conclude(
            "member of the task unchanged",
            before == after,
            format!("\"{member}\" of the task was {before:?}, it is {after:?}"),
        )
    }

    /// Every member of the task but one is what it was, in its place.
    pub(crate) fn expect_task_as_before_but(&self, member: &str) -> StepResult {
        let members = |definition: &Value| -> Vec<String> {
            unwrapped(definition)
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(key, _)| *key != member)
                .map(|(key, value)| format!("{key}: {value}"))
                .collect()
        };
        let (before, after) = (members(self.definition()?), members(self.embedded()?));
        let gone: Vec<_> = before.iter().filter(|member| !after.contains(member)).cloned().collect();
        let new: Vec<_> = after.iter().filter(|member| !before.contains(member)).cloned().collect();
        let what = match (gone.as_slice(), new.as_slice()) {
            ([], []) => format!("they stand in another order: {}", after.join(", ")),
            _ => format!("gone is \"{}\", new is \"{}\"", gone.join(", "), new.join(", ")),
        };
        self.conclude(
            "task level unchanged",
            before == after,
            format!("expected the members of the task as they were; {what}"),
        )
    }

    /// The last entries of the environment of a container.
    pub(crate) fn expect_environment_end(&self, name: &str, expected: &[(String, String)]) -> StepResult {
        let found = container(self.embedded()?, name)?["environment"].as_array().cloned().unwrap_or_default();
        let expected: Vec<_> =
            expected.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        let end = &found[found.len().saturating_sub(expected.len())..];
        self.conclude(
            "environment of a container",
            end == expected,
            format!(
                "expected the environment of \"{name}\" to end with {}, its end is {}",
                json!(expected),
                json!(end)
            ),
        )
    }

    /// All names of the environment of a container, in order.
    pub(crate) fn expect_environment_names(&self, name: &str, expected: &[String]) -> StepResult {
        let found: Vec<_> = container(self.embedded()?, name)?["environment"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|variable| variable["name"].as_str())
            .collect();
        self.conclude(
            "names of the environment",
            found == expected,
            format!("expected the variables {expected:?}, found {found:?}"),
        )
    }

    /// `defender_` and the version of the Console, dots as underscores.
    pub(crate) fn expect_sidecar_tag(&self) -> StepResult {
        let image = container(self.embedded()?, SIDECAR)?["image"].as_str().unwrap_or_default().to_owned();
        let expected = format!("defender_{}", self.console_version()?.replace('.', "_"));
        let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
        self.conclude(
            "tag of the sidecar's image",
            tag == expected,
            format!("expected the tag \"{expected}\", the image is \"{image}\""),
        )
    }
}
