//! The task definition of the scenario.

use super::{ScenarioWorld, StepError, StepResult};
use proofhouse_protocol::Observation;
use proofhouse_protocol::observation::{DefinitionRole, Source};
use serde_json::{Value, json};

/// Where a member is: `containerDefinitions[0].name`.
fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '[']).map(|step| step.trim_end_matches(']'))
}

/// The member at a path; objects and lists on the way are made.
pub(super) fn member<'v>(root: &'v mut Value, path: &str) -> Result<&'v mut Value, StepError> {
    let mut value = root;
    for step in steps(path) {
        if value.is_null() {
            *value = if step.parse::<usize>().is_ok() { json!([]) } else { json!({}) };
        }
        value = match (value, step.parse::<usize>()) {
            (Value::Array(items), Ok(index)) if index <= items.len() => {
                if index == items.len() {
                    items.push(Value::Null);
                }
                &mut items[index]
            }
            (Value::Object(members), _) => members.entry(step).or_insert(Value::Null),
            _ => return Err(StepError::new(format!("the definition has no place \"{path}\""))),
        };
    }
    Ok(value)
}

impl ScenarioWorld {
    /// Records the scenario's definition as it is now, if it has one.
    pub(super) fn record_definition(&self) {
        if let Some(document) = self.definition.clone() {
            let observation = Observation::Definition { role: DefinitionRole::Original, document };
            self.record_as(Source::Runner, None, observation);
        }
    }

    /// A definition of the folder of features.
    pub(crate) fn use_definition(&mut self, name: &str) -> StepResult {
        let file = self.scene()?.run.stage.features().join(format!("task-definitions/{name}.json"));
        let text = std::fs::read_to_string(&file)
            .map_err(|error| StepError::new(format!("could not read \"{}\": {error}", file.display())))?;
        self.use_definition_text(&text)
    }

    /// A definition as text.
    pub(crate) fn use_definition_text(&mut self, text: &str) -> StepResult {
        let definition: Value = serde_json::from_str(text)
            .map_err(|error| StepError::new(format!("the task definition is not JSON: {error}")))?;
        self.definition = Some(definition);
        Ok(())
    }

    /// Another command for one container.
    pub(crate) fn change_command(&mut self, name: &str, command: &str) -> StepResult {
        let words = shell_words::split(command).map_err(|error| {
            StepError::new(format!("the command {command:?} cannot be split into words: {error}"))
        })?;
        let containers =
            self.definition.as_mut().and_then(|whole| whole["containerDefinitions"].as_array_mut());
        let container =
            containers
                .into_iter()
                .flatten()
                .find(|container| container["name"] == json!(name))
                .ok_or_else(|| StepError::new(format!("the definition has no container \"{name}\"")))?;
        container["command"] = json!(words);
        Ok(())
    }

    /// A definition of the folder with one member set, as JSON.
    pub(crate) fn use_definition_with(&mut self, name: &str, path: &str, value: &str) -> StepResult {
        self.use_definition(name)?;
        self.set_member(path, value)
    }

    /// One member of the scenario's definition, as JSON.
    pub(crate) fn set_member(&mut self, path: &str, value: &str) -> StepResult {
        let value: Value = serde_json::from_str(value)
            .map_err(|error| StepError::new(format!("{value} is not JSON: {error}")))?;
        let definition = self.definition.as_mut().ok_or_else(|| StepError::new("there is no definition"))?;
        *member(definition, path)? = value;
        Ok(())
    }

    /// A definition of the folder without a member.
    pub(crate) fn use_definition_without(&mut self, name: &str, path: &str) -> StepResult {
        self.use_definition(name)?;
        let definition = self.definition.as_mut().ok_or_else(|| StepError::new("there is no definition"))?;
        let (parent, key) = path.rsplit_once('.').unwrap_or(("", path));
        let object = if parent.is_empty() { definition } else { member(definition, parent)? };
        match object.as_object_mut().and_then(|members| members.shift_remove(key)) {
            Some(_) => Ok(()),
            None => Err(StepError::new(format!("the definition has no member \"{path}\" to leave out"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_set_and_made() {
        let mut value = json!({"a": [{"b": 1}]});
        *member(&mut value, "a[0].b").unwrap() = json!(2);
        *member(&mut value, "a[1].c.d").unwrap() = json!(3);
        assert_eq!(value, json!({"a": [{"b": 2}, {"c": {"d": 3}}]}));
        assert!(member(&mut value, "a[7]").is_err());
        assert!(member(&mut value, "a[0].b.c").is_err());
    }
}
