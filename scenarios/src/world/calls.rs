//! Calls of the Console's API, and what they answer.

use super::embedding::{container, unwrapped};
use super::stimulus::{Outcome, new_token};
use super::{ScenarioWorld, StepError, StepResult};
use crate::rig::{Answer, CONSOLE_NAME};
use crate::steps::Certificate;
use proofhouse_protocol::{Observation, Source};
use serde_json::{Value, json};

const RUNTIME: &str = "/policies/runtime/app-embedded";
const FIREWALL: &str = "/policies/firewall/app/app-embedded";

/// How long the Console may take to record that it refused someone, who may have gone by then.
const REFUSAL_LIMIT: std::time::Duration = std::time::Duration::from_secs(10);

impl ScenarioWorld {
    /// One call as the administrator.
    pub(crate) async fn call(&mut self, method: &str, path: &str, body: Option<&Value>) -> StepResult {
        let answer = self.rig().await?.client().call(method, path, body).await?;
        self.answer = Some(answer);
        Ok(())
    }

    pub(super) fn answer(&self) -> Result<&Answer, StepError> {
        self.answer.as_ref().ok_or_else(|| StepError::new("the Console was not called before"))
    }

    pub(super) fn console_version(&self) -> Result<String, StepError> {
        Ok(self.rig_ref()?.console_version())
    }

    /// Status, and the text of the error if one is expected.
    pub(crate) fn expect_console_answer(&self, status: u16, error: Option<&str>) -> StepResult {
        let answer = self.answer()?;
        let text = answer.error();
        let fits = match error {
            None => true,
            Some(part) => text.is_some_and(|text| text.contains(part)),
        };
        let expected = match error {
            None => String::new(),
            Some("") => " with an error".to_owned(),
            Some(part) => format!(" with an error about \"{part}\""),
        };
        self.conclude(
            "answer of the Console",
            answer.status == status && fits,
            format!(
                "expected {status}{expected}, the Console answered {} with {}",
                answer.status, answer.body
            ),
        )
    }

    /// Asks the Console to embed the definition, with parameters added (`Some`) or left out (`None`).
    pub(crate) async fn embed(&mut self, changes: &[(&str, Option<&str>)]) -> StepResult {
        let definition = self.definition()?.clone();
        let mut query = vec![("consoleaddr", CONSOLE_NAME), ("defenderType", "fargate")];
        for (name, value) in changes {
            query.retain(|(known, _)| known != name);
            query.extend(value.map(|value| (*name, value)));
        }
        let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.call("POST", &format!("/defenders/fargate.json?{}", query.join("&")), Some(&definition)).await
    }

    /// The last answer is the embedded definition.
    pub(crate) fn keep_embedded(&mut self) -> StepResult {
        let answer = self.answer()?.clone();
        self.conclude(
            "embedded",
            answer.is_success(),
            format!(
                "expected that the Console embeds the definition, it answered {} with {}",
                answer.status, answer.body
            ),
        )?;
        self.embedded = Some(answer.body);
        Ok(())
    }

    /// Embeds the result of the last embed.
    pub(crate) async fn embed_again(&mut self) -> StepResult {
        let embedded = self.embedded()?.clone();
        let path = format!("/defenders/fargate.json?consoleaddr={CONSOLE_NAME}&defenderType=fargate");
        self.call("POST", &path, Some(&embedded)).await?;
        self.keep_embedded()
    }

    /// Asks as another user.
    pub(crate) async fn embed_as(&mut self, user: &str) -> StepResult {
        let definition = self.definition()?.clone();
        let client = self.rig().await?.client_of(user)?;
        let path = format!("/defenders/fargate.json?consoleaddr={CONSOLE_NAME}&defenderType=fargate");
        self.answer = Some(client.call("POST", &path, Some(&definition)).await?);
        Ok(())
    }

    /// Gives the scenario's policies to the Console, and waits until a running Defender decides by them.
    pub(crate) async fn put_policies(&mut self) -> StepResult {
        let policies = self.policies.clone();
        let rig = self.rig().await?;
        for collection in policies.collections() {
            rig.ensure_collection(collection).await?;
        }
        if let Some(policy) = policies.runtime() {
            rig.client().demand("PUT", RUNTIME, Some(&policy)).await?;
        }
        if let Some(policy) = policies.firewall() {
            rig.client().demand("PUT", FIREWALL, Some(&policy)).await?;
        }
        let in_force = rig.policy_in_force().await;
        self.expect_done("policy in force", in_force)
    }

    /// Puts the scenario's policy with another effect; the Console may refuse.
    pub(crate) async fn put_effect(&mut self, effect: &str, section: &str) -> StepResult {
        self.put_policies().await?;
        self.call("GET", RUNTIME, None).await?;
        self.policy_before = Some(self.answer()?.body.clone());
        let policy = self.policies.runtime_with_effect(effect, section)?;
        self.call("PUT", RUNTIME, Some(&policy)).await
    }

    /// The policy is what it was before the last write.
    pub(crate) async fn expect_policy_unchanged(&mut self) -> StepResult {
        let refused = self.answer()?.clone();
        self.call("GET", RUNTIME, None).await?;
        let (before, now) = (self.policy_before.clone().unwrap_or_default(), self.answer()?.body.clone());
        self.answer = Some(refused);
        self.conclude("policy unchanged", before == now, format!("the policy was {before}, it is {now}"))
    }

    /// Posts a rule for everything that disables every section.
    pub(crate) async fn post_rule(&mut self, name: &str) -> StepResult {
        let off = json!({"effect": "disable"});
        let rule = json!({"name": name, "collections": [{"name": "All"}],
                          "processes": off, "network": off, "dns": off, "filesystem": off});
        self.call("POST", RUNTIME, Some(&rule)).await?;
        self.expect_console_answer(200, None)
    }

    /// The names of the rules of the policy that was read.
    pub(crate) fn expect_rules(&self, fits: impl Fn(&[&str]) -> bool, expected: &str) -> StepResult {
        let body = &self.answer()?.body;
        let names: Vec<&str> =
            body["rules"].as_array().into_iter().flatten().filter_map(|rule| rule["name"].as_str()).collect();
        self.conclude(
            "rules of the policy",
            fits(&names),
            format!("expected {expected}, the policy has {names:?}"),
        )
    }

    /// One record, whose host name is the App ID of the task.
    pub(crate) fn expect_one_defender(&self) -> StepResult {
        let app_id = self.app_id()?;
        let body = &self.answer()?.body;
        let names: Vec<_> =
            body.as_array().into_iter().flatten().filter_map(|row| row["hostname"].as_str()).collect();
        self.conclude(
            "list of Defenders",
            names == [app_id.as_str()],
            format!("expected one Defender \"{app_id}\", the Console lists {names:?}"),
        )
    }

    /// Family, colon, task id, as the metadata service tells it.
    pub(crate) fn expect_app_id_shape(&self) -> StepResult {
        let family = unwrapped(self.definition()?)["family"].as_str().unwrap_or_default().to_owned();
        let expected = format!("{family}:{}", self.rig_ref()?.task_id()?);
        let found = self.app_id()?;
        self.conclude(
            "App ID",
            found == expected,
            format!("expected the App ID \"{expected}\", it is \"{found}\""),
        )
    }

    /// The App ID that the Defender said hello with.
    pub(super) fn app_id(&self) -> Result<String, StepError> {
        self.records()
            .iter()
            .find_map(|record| match record.observation() {
                Observation::LinkConnected { app_id, .. } => Some(app_id.clone()),
                _ => None,
            })
            .ok_or_else(|| StepError::new("no Defender has connected"))
    }

    /// Connections to the Console's Defender port.
    pub(crate) fn expect_console_connections(&self, expected: usize) -> StepResult {
        let console = Source::Outside(CONSOLE_NAME.to_owned());
        let found = self
            .records()
            .iter()
            .filter(|record| record.recording.source == console)
            .filter(|record| matches!(record.observation(), Observation::OutsideConnection { .. }))
            .count();
        self.conclude(
            "connections to the Console",
            found == expected,
            format!("expected {expected} connections to the Console, {found} came"),
        )
    }

    /// Every REST call had a user, and all users are the harness's.
    pub(crate) fn expect_no_rest_call_from_task(&self) -> StepResult {
        let known = self.rig_ref()?.users();
        let strangers: Vec<_> = self
            .records()
            .iter()
            .filter_map(|record| match record.observation() {
                Observation::ConsoleCall { user, path, .. }
                    if !user.as_ref().is_some_and(|user| known.contains(user)) =>
                {
                    Some(format!("{path} by {user:?}"))
                }
                _ => None,
            })
            .collect();
        self.conclude(
            "REST calls",
            strangers.is_empty(),
            format!("expected no REST call from the task, saw {strangers:?}"),
        )
    }

    /// No variable of the container holds a secret of the Console's users.
    pub(crate) async fn expect_no_credential(&mut self, name: &str) -> StepResult {
        let secrets = self.rig_ref()?.secrets();
        let variables =
            container(self.embedded()?, name)?["environment"].as_array().cloned().unwrap_or_default();
        let suspicious: Vec<_> = variables
            .iter()
            .filter(|variable| {
                let value = variable["value"].as_str().unwrap_or_default();
                let name = variable["name"].as_str().unwrap_or_default().to_uppercase();
                secrets.iter().any(|secret| value.contains(secret.as_str()))
                    || ["PASSWORD", "TOKEN", "USER", "INSTALL_BUNDLE"].iter().any(|word| name.contains(word))
            })
            .filter_map(|variable| variable["name"].as_str())
            .collect();
        self.conclude(
            "credentials in the environment",
            suspicious.is_empty(),
            format!("expected no credential in the environment of \"{name}\", it has {suspicious:?}"),
        )
    }

    /// Opens the link as someone who was not given a bundle.
    pub(crate) async fn open_link_as_stranger(&mut self, certificate: Certificate) -> StepResult {
        let token = new_token();
        self.begin_stimulus(&token, "a stranger opens the Defender link");
        let heard = self.rig().await?.knock(certificate == Certificate::Foreign).await?;
        self.record_for(&token, Observation::Note { text: format!("the stranger heard {heard:?}") });
        self.end_stimulus(token, Outcome::Unseen);
        self.answer = Some(Answer { status: 0, body: json!(heard) });
        Ok(())
    }

    /// The stranger heard nothing, and the Console recorded that it refused someone, if only after the stranger had gone.
    pub(crate) async fn expect_stranger_refused(&self) -> StepResult {
        let heard = self.answer()?.body.clone();
        let watch = std::sync::Arc::clone(&self.scene()?.watch);
        let told = watch.wait_for(REFUSAL_LIMIT, |record| {
            matches!(record.observation(), Observation::LinkRefused { .. })
        });
        let refused = told.await.is_some();
        self.conclude(
            "stranger at the link",
            heard == json!([]) && refused,
            format!("expected a refusal before any message; the stranger heard {heard}, refusal recorded: {refused}"),
        )
    }

    /// One profile for each container.
    pub(crate) fn expect_profiles(&self, containers: &str, image: &str) -> StepResult {
        let mut expected: Vec<String> = containers.split(',').map(|name| name.trim().to_owned()).collect();
        let rows = self.answer()?.body.as_array().cloned().unwrap_or_default();
        let mut found: Vec<String> =
            rows.iter().filter_map(|row| row["container"].as_str().map(str::to_owned)).collect();
        expected.sort();
        found.sort();
        let images: Vec<&str> = rows.iter().filter_map(|row| row["image"].as_str()).collect();
        self.conclude(
            "profiles",
            expected == found && images == vec![image; rows.len()],
            format!(
                "expected profiles of {expected:?} with image \"{image}\", the Console lists {found:?} with {images:?}"
            ),
        )
    }
}
