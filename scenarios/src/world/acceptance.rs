//! What Fargate takes and what it rejects.

use super::embedding::unwrapped;
use super::stimulus::new_token;
use super::{ScenarioWorld, StepError, StepResult};
use crate::rig::fargate::{self, Judgement};
use proofhouse_harness::definition::{Cpu, Memory};
use proofhouse_harness::plan::new_task_id;
use proofhouse_protocol::Observation;
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

/// Where two values differ, in words.
fn first_difference(left: &Value, right: &Value, path: &str) -> Option<String> {
    match (left, right) {
        (Value::Object(ours), Value::Object(theirs)) if ours.len() == theirs.len() => {
            ours.iter().find_map(|(key, value)| {
                first_difference(value, theirs.get(key).unwrap_or(&Value::Null), &format!("{path}.{key}"))
            })
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            let mut pairs = ours.iter().zip(theirs).enumerate();
            pairs.find_map(|(index, (ours, theirs))| {
                first_difference(ours, theirs, &format!("{path}[{index}]"))
            })
        }
        _ => (left != right).then(|| format!("{path} is {left} in one and {right} in the other")),
    }
}

impl ScenarioWorld {
    /// A question to Fargate is a stimulus too.
    pub(super) fn ask(&self, what: &str) {
        self.record_for(&new_token(), Observation::Stimulus { what: what.to_owned() });
    }

    /// As RegisterTaskDefinition.
    pub(crate) fn ask_to_register(&mut self) -> StepResult {
        self.ask("asks Fargate to take the definition");
        self.judgement = Some(fargate::judge("the definition", self.definition()?)?);
        Ok(())
    }

    /// As RunTask: what is accepted is started.
    pub(crate) async fn ask_to_run(&mut self) -> StepResult {
        self.ask_to_register()?;
        if self.judged()?.reasons.is_empty() {
            let (definition, internet) = (self.definition()?.clone(), self.internet.clone());
            self.rig().await?.start(&definition, &internet).await?;
        }
        Ok(())
    }

    fn judged(&self) -> Result<&Judgement, StepError> {
        self.judgement.as_ref().ok_or_else(|| StepError::new("Fargate was not asked before"))
    }

    /// No reason to reject it.
    pub(crate) fn expect_accepted(&self) -> StepResult {
        let reasons: Vec<String> = self.judged()?.reasons.iter().map(ToString::to_string).collect();
        self.conclude(
            "accepted by Fargate",
            reasons.is_empty(),
            format!("expected that Fargate accepts it, it says: {}", reasons.join("; ")),
        )
    }

    /// That class rejects it, no other, and at that member if one is named.
    pub(crate) fn expect_rejected(&self, class: &str, path: Option<&str>) -> StepResult {
        let reasons = &self.judged()?.reasons;
        let fits = !reasons.is_empty()
            && reasons
                .iter()
                .all(|reason| reason.class.0 == class && path.is_none_or(|path| reason.path == path));
        let found: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        let at = path.map(|path| format!(" at \"{path}\"")).unwrap_or_default();
        self.conclude(
            "rejected by Fargate",
            fits,
            format!("expected class {class}{at}, Fargate says: {}", found.join("; ")),
        )
    }

    /// Neither containers nor volumes of the scenario exist.
    pub(crate) async fn expect_nothing_created(&self) -> StepResult {
        let scene = self.scene()?;
        let found = scene.run.stage.created_for(&scene.case.meta.id).await?;
        self.conclude(
            "nothing created",
            found.is_empty(),
            format!("expected that nothing was created, there is {}", found.join(", ")),
        )
    }

    /// What the definition means, in units.
    pub(crate) fn expect_size(&self, units: u64, mib: u64) -> StepResult {
        let definition = &self.judged()?.definition;
        let (cpu, memory) = (definition.cpu, definition.memory);
        self.conclude(
            "size of the task",
            cpu == Some(Cpu(units)) && memory == Some(Memory(mib)),
            format!("expected {units} CPU units and {mib} MiB, it has {cpu:?} and {memory:?}"),
        )
    }

    /// What the definition means for the task's disk.
    pub(crate) fn expect_disk(&self, gib: i64) -> StepResult {
        let found = self.judged()?.definition.disk_size();
        self.conclude("disk of the task", found == gib, format!("expected {gib} GiB, it has {found}"))
    }

    /// Every listed pair is accepted, and what lies just beside a listed one is class E04.
    pub(crate) fn expect_sizes(&mut self, rows: &[(String, String)]) -> StepResult {
        let (mut wrong, mut pairs) = (Vec::new(), 0);
        self.ask("asks Fargate to take the definition in many sizes");
        for (cpu, memory) in rows {
            let listed = sizes(memory)?;
            pairs += listed.len();
            let beside = listed.iter().flat_map(|mib| [mib - 512, mib - 1, mib + 1, mib + 512]);
            let all = listed.iter().copied().chain(beside.filter(|mib| !listed.contains(mib)));
            for mib in all.collect::<Vec<_>>() {
                self.set_member("cpu", &format!("\"{cpu}\""))?;
                self.set_member("memory", &format!("\"{mib}\""))?;
                let reasons = fargate::judge("the definition", self.definition()?)?.reasons;
                let classes: Vec<&str> = reasons.iter().map(|reason| reason.class.0.as_str()).collect();
                let expected: &[&str] = if listed.contains(&mib) { &[] } else { &["E04"] };
                if classes != expected {
                    wrong.push(format!("{cpu} with {mib}: {classes:?}"));
                }
            }
        }
        self.conclude(
            "sizes",
            wrong.is_empty() && pairs > 0,
            format!("of {pairs} pairs and those beside them, not as listed: {}", wrong.join(", ")),
        )
    }

    /// The definition as DescribeTaskDefinition answers it gives the same task as the bare one.
    pub(crate) fn expect_same_when_described(&self) -> StepResult {
        let bare = self.definition()?;
        let mut described = unwrapped(bare).clone();
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
        let mut options = self.scene()?.run.stage.plan_options(&self.scene()?.case.meta.id);
        options.task_id = Some(new_task_id());
        self.ask("plans the definition, bare and as it is described");
        let planned = |definition: &Value| fargate::planned("the definition", definition, &options);
        let (bare, described) = (planned(bare)?, planned(&described)?);
        let what = first_difference(&bare, &described, "").unwrap_or_default();
        self.conclude("same task when described", what.is_empty(), format!("expected the same plan: {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_listed_or_counted() {
        assert_eq!(sizes("512, 1024").unwrap(), [512, 1024]);
        assert_eq!(sizes("1024 to 3072 by 1024").unwrap(), [1024, 2048, 3072]);
        assert!(sizes("1024 to 2048 by 0").is_err());
        assert!(sizes("many").is_err());
    }
}
