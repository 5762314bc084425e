//! What Fargate takes and what it rejects.

use super::embedding::unwrapped;
use super::{ScenarioWorld, StepError, StepResult};
use crate::rig::fargate;
use proofhouse_protocol::Observation;
use proofhouse_protocol::observation::{DefinitionRole, Source};
use proofhouse_reports::checks::{Acceptance, AcceptanceExpectation, Check};
use serde_json::{Value, json};

/// `512, 1024` or `1024 to 4096 by 1024`.
fn sizes(text: &str) -> Result<Vec<u64>, StepError> {
    let unreadable = || StepError::new(format!("\"{text}\" is no list of sizes"));
    let numbers = |words: &[&str]| -> Result<Vec<u64>, StepError> {
        words.iter().map(|word| word.parse().map_err(|_| unreadable())).collect()
    };
    match text.split_whitespace().collect::<Vec<_>>().as_slice() {
        [from, "to", to, "by", step] => match numbers(&[from, to, step])?.as_slice() {
            [from, to, step] if *step > 0 => {
                Ok((*from..=*to).step_by(usize::try_from(*step).map_err(|_| unreadable())?).collect())
            }
            _ => Err(unreadable()),
        },
        _ => numbers(&text.split(',').map(str::trim).collect::<Vec<_>>()),
    }
}

/// A value with a text in it that makes it as long as that in compact JSON.
fn filled(length: usize, with: impl Fn(&str) -> Value) -> Result<Value, StepError> {
    let rest = with("").to_string().len();
    let letters = length.checked_sub(rest);
    let letters =
        letters.ok_or_else(|| StepError::new(format!("{length} is less than the {rest} that it has")))?;
    Ok(with(&"x".repeat(letters)))
}

impl ScenarioWorld {
    /// As RegisterTaskDefinition: asks, and tells what was said.
    fn question(&self, token: &str, variant: &str) -> Result<bool, StepError> {
        let validation = fargate::validate("the definition", self.definition()?)?;
        let accepted = validation.rejections.is_empty();
        let observation = Observation::Validated { variant: variant.to_owned(), validation };
        self.record_as(Source::Fargate, Some(token), observation);
        Ok(accepted)
    }

    /// As RegisterTaskDefinition.
    pub(crate) fn ask_to_register(&mut self) -> Result<bool, StepError> {
        let token = self.ask("asks Fargate to take the definition");
        self.record_definition();
        self.question = Some(token.clone());
        self.question(&token, "")
    }

    /// As RunTask: what is accepted is started.
    pub(crate) async fn ask_to_run(&mut self) -> StepResult {
        if self.ask_to_register()? {
            let definition = self.definition()?.clone();
            self.start(&definition).await?;
        }
        Ok(())
    }

    /// As RegisterTaskDefinition, of the definition as the Console has embedded it.
    pub(crate) fn ask_to_register_embedded(&mut self) -> StepResult {
        let embedded = self.embedded.clone();
        let embedded = embedded.ok_or_else(|| StepError::new("the Console has embedded nothing before"))?;
        let token = self.ask("asks Fargate to take the embedded definition");
        self.question = Some(token.clone());
        let validation = fargate::validate("the embedded definition", &embedded)?;
        let observation = Observation::Validated { variant: String::new(), validation };
        self.record_as(Source::Fargate, Some(&token), observation);
        Ok(())
    }

    /// RegisterTaskDefinition and RunTask, with overrides of that many characters.
    pub(crate) async fn ask_to_run_with_overrides(&mut self, characters: usize) -> StepResult {
        let definition = unwrapped(self.definition()?).clone();
        let overrides = filled(characters, |value| {
            let name = &definition["containerDefinitions"][0]["name"];
            json!({"containerOverrides": [{"name": name, "environment": [{"name": "PAYLOAD", "value": value}]}]})
        })?;
        let token = self.ask("asks ECS to run the definition with overrides");
        self.record_definition();
        self.question = Some(token.clone());
        let validation = fargate::run_with_overrides(&definition, &overrides).await?;
        let observation = Observation::Validated { variant: String::new(), validation };
        self.record_as(Source::Fargate, Some(&token), observation);
        Ok(())
    }

    /// A definition of the folder that is as long as that in bytes of compact JSON.
    pub(crate) fn use_definition_of_length(&mut self, name: &str, bytes: usize) -> StepResult {
        self.use_definition(name)?;
        let definition = self.definition()?.clone();
        self.definition = Some(filled(bytes, |value| {
            let mut longer = definition.clone();
            let environment = json!([{"name": "FILLING", "value": value}]);
            longer["containerDefinitions"][0]["environment"] = environment;
            longer
        })?);
        Ok(())
    }

    /// What Fargate must have said.
    pub(crate) fn expect_of_fargate(&self, expect: AcceptanceExpectation) -> StepResult {
        let token = self.question.clone().ok_or_else(|| StepError::new("Fargate was not asked before"))?;
        self.settle(&Check::Acceptance(Acceptance { token, expect }))
    }

    /// That class rejects it, no other, and at that member if one is named.
    pub(crate) fn expect_rejected(&self, class: &str, path: Option<&str>) -> StepResult {
        self.expect_of_fargate(AcceptanceExpectation::Rejected {
            class: class.to_owned(),
            path: path.map(str::to_owned),
        })
    }

    /// Every listed pair is accepted, and what lies just beside a listed one is class E04.
    pub(crate) fn expect_sizes(&mut self, rows: &[(String, String)]) -> StepResult {
        let token = self.ask("asks Fargate to take the definition in many sizes");
        self.question = Some(token.clone());
        let mut wanted = Vec::new();
        for (cpu, memory) in rows {
            let listed = sizes(memory)?;
            let beside = listed.iter().flat_map(|mib| [mib - 512, mib - 1, mib + 1, mib + 512]);
            let all = listed.iter().copied().chain(beside.filter(|mib| !listed.contains(mib)));
            for mib in all.collect::<Vec<_>>() {
                self.set_member("cpu", &format!("\"{cpu}\""))?;
                self.set_member("memory", &format!("\"{mib}\""))?;
                let variant = format!("{cpu} with {mib}");
                self.question(&token, &variant)?;
                if listed.contains(&mib) {
                    wanted.push(variant);
                }
            }
        }
        self.expect_of_fargate(AcceptanceExpectation::OnlyThese(wanted))
    }

    /// The definition as DescribeTaskDefinition answers it gives the same task as the bare one.
    pub(crate) fn expect_same_when_described(&self) -> StepResult {
        let bare = self.definition()?.clone();
        let mut described = unwrapped(&bare).clone();
        let answers = json!({
            "taskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/plain:1",
            "revision": 1,
            "status": "ACTIVE",
            "requiresAttributes": [{"name": "ecs.capability.task-eni"}],
            "compatibilities": ["EC2", "FARGATE"],
            "registeredAt": "2026-01-06T00:00:00Z",
            "registeredBy": "arn:aws:iam::123456789012:user/jo",
            "deregisteredAt": null,
            "deleteRequestedAt": null,
        });
        for (key, value) in answers.as_object().into_iter().flatten() {
            described[key] = value.clone();
        }
        let described = json!({"taskDefinition": described, "tags": []});
        self.ask("plans the definition, bare and as it is described");
        self.record_definition();
        self.record_plan(DefinitionRole::Original, &bare)?;
        self.record_plan(DefinitionRole::Described, &described)?;
        self.settle(&Check::SameWhenDescribed {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_filled_to_a_length() {
        let value = filled(40, |text| json!({"a": [text]})).unwrap();
        assert_eq!(value.to_string().len(), 40);
        assert!(filled(3, |text| json!({"a": [text]})).is_err());
    }

    #[test]
    fn sizes_are_listed_or_counted() {
        assert_eq!(sizes("512, 1024").unwrap(), [512, 1024]);
        assert_eq!(sizes("1024 to 3072 by 1024").unwrap(), [1024, 2048, 3072]);
        assert!(sizes("1024 to 2048 by 0").is_err());
        assert!(sizes("many").is_err());
    }
}
