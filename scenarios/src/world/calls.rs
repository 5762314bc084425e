//! Calls of the Console's API, and what they must answer.

use super::embedding::unwrapped;
use super::stimulus::{Doing, new_token};
use super::{ScenarioWorld, StepError, StepResult};
use crate::rig::{CONSOLE_NAME, RigError, console_address};
use crate::steps::{Certificate, Scope};
use proofhouse_protocol::Observation;
use proofhouse_protocol::observation::Source;
use proofhouse_reports::checks::{AnswerExpectation, Check, ConsoleAnswer};
use serde_json::{Value, json};
use std::time::Duration;

const RUNTIME: &str = "/policies/runtime/app-embedded";
const FIREWALL: &str = "/policies/firewall/app/app-embedded";
const LOG_SCRUBBING: &str = "/policies/firewall/app/log-scrubbing";
const API_SPEC: &str = "/policies/firewall/app/apispec";

/// How long the Console may take to record that it refused someone, who may have gone by then.
const REFUSAL_LIMIT: Duration = Duration::from_secs(10);

/// The embed of the API, with the parameters that are always given.
fn embed_path(changes: &[(&str, Option<&str>)]) -> String {
    let mut query = vec![("consoleaddr", CONSOLE_NAME), ("defenderType", "fargate")];
    for (name, value) in changes {
        query.retain(|(known, _)| known != name);
        query.extend(value.map(|value| (*name, value)));
    }
    let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("/defenders/fargate.json?{}", query.join("&"))
}

impl ScenarioWorld {
    /// One call as the administrator; its token.
    pub(crate) async fn call(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<String, StepError> {
        let token = self.new_call();
        self.rig().await?.client().call(method, path, body, Some(&token)).await?;
        Ok(token)
    }

    fn last_call(&self) -> Result<String, StepError> {
        self.call.clone().ok_or_else(|| StepError::new("the Console was not called before"))
    }

    /// What the last answer must be.
    fn expect_answer(&self, expect: AnswerExpectation) -> StepResult {
        self.settle(&Check::ConsoleAnswer(ConsoleAnswer { token: self.last_call()?, expect }))
    }

    pub(super) fn console_version(&self) -> Result<String, StepError> {
        Ok(self.rig_ref()?.console_version())
    }

    /// Status, and the text of the error if one is expected.
    pub(crate) fn expect_console_answer(&self, status: u16, error: Option<&str>) -> StepResult {
        self.expect_answer(AnswerExpectation::Status { status, error: error.map(str::to_owned) })
    }

    /// Asks the Console to embed a definition, as a user; what it answers, where that is a definition.
    async fn ask_to_embed(
        &mut self,
        user: &str,
        path: &str,
        definition: &Value,
    ) -> Result<Option<Value>, StepError> {
        let token = self.new_call();
        self.record_definition();
        let client = self.rig().await?.client_of(user)?;
        let answer = client.call("POST", path, Some(definition), Some(&token)).await?;
        Ok(answer.is_success().then_some(answer.body))
    }

    /// Asks the Console to embed the definition, with parameters added (`Some`) or left out (`None`).
    pub(crate) async fn embed(&mut self, changes: &[(&str, Option<&str>)]) -> StepResult {
        let definition = self.definition()?.clone();
        let embedded = self.ask_to_embed("admin", &embed_path(changes), &definition).await?;
        self.keep_embedded(embedded);
        Ok(())
    }

    /// Embeds a definition, which must succeed.
    pub(crate) async fn embed_it(&mut self) -> StepResult {
        let monitored = self.files_monitored.then_some(("filesystemMonitoring", Some("true")));
        self.embed(monitored.as_slice()).await?;
        self.expect_answer(AnswerExpectation::Success)
    }

    /// Embeds the result of the last embed.
    pub(crate) async fn embed_again(&mut self) -> StepResult {
        let embedded = self.embedded()?.clone();
        let again = self.ask_to_embed("admin", &embed_path(&[]), &embedded).await?;
        self.keep_embedded(again);
        self.expect_answer(AnswerExpectation::Success)
    }

    /// Switches the Console's own setting on, which counts for embeds that say nothing.
    pub(crate) async fn monitor_files_by_default(&mut self) -> StepResult {
        self.rig().await?;
        let on = json!({"appEmbeddedFileSystemTracingEnabled": true});
        self.call("POST", "/settings/defender", Some(&on)).await?;
        self.expect_answer(AnswerExpectation::Success)
    }

    /// Asks as another user.
    pub(crate) async fn embed_as(&mut self, user: &str) -> StepResult {
        let definition = self.definition()?.clone();
        self.ask_to_embed(user, &embed_path(&[]), &definition).await?;
        Ok(())
    }

    /// Gives the scenario's policies to the Console, and waits until a running Defender decides by them.
    pub(crate) async fn put_policies(&mut self) -> StepResult {
        self.give_policies().await?;
        self.expect_policy_in_force().await
    }

    /// Gives the scenario's policies to the Console, whoever hears of them.
    pub(crate) async fn give_policies(&mut self) -> StepResult {
        let policies = self.policies.clone();
        let rig = self.rig().await?;
        for collection in policies.collections() {
            rig.ensure_collection(collection).await?;
        }
        for list in policies.network_lists()? {
            rig.ensure_network_list(&list).await?;
        }
        for (id, rule) in policies.custom_rules() {
            rig.client().demand("PUT", &format!("/custom-rules/{id}"), Some(rule)).await?;
        }
        if !policies.sensitive_data().is_empty() {
            let list = Value::from(policies.sensitive_data());
            rig.client().demand("PUT", LOG_SCRUBBING, Some(&list)).await?;
        }
        if let Some(policy) = policies.runtime()? {
            rig.client().demand("PUT", RUNTIME, Some(&policy)).await?;
        }
        if let Some(policy) = policies.firewall()? {
            rig.client().demand("PUT", FIREWALL, Some(&policy)).await?;
        }
        Ok(())
    }

    /// Puts the collection of a runtime rule with another scope; the policy names it as before.
    pub(crate) async fn change_collection(&mut self, rule: &str, scope: &Scope) -> StepResult {
        let collection = self.policies.change_collection(rule, scope)?;
        let path = format!("/collections/{}", collection["name"].as_str().unwrap_or_default());
        self.rig().await?.client().demand("PUT", &path, Some(&collection)).await?;
        self.expect_policy_in_force().await
    }

    /// The Defender of the task, if one runs, decides by the Console's policy.
    pub(crate) async fn expect_policy_in_force(&mut self) -> StepResult {
        if !self.rig_ref()?.is_protected() {
            return Ok(());
        }
        let limit = self.patience(crate::rig::Wait::Policy, crate::rig::POLICY_LIMIT);
        match self.rig_ref()?.policy_in_force(limit).await {
            Ok(()) => self.heard(crate::rig::Wait::Policy),
            Err(RigError::Wait(error)) => {
                self.missed(crate::rig::Wait::Policy);
                self.record_limit("the policy to be in force", limit, error.to_string());
            }
            Err(error) => return Err(error.into()),
        }
        self.settle(&Check::PolicyInForce {})
    }

    /// Puts the scenario's runtime policy, and then what it is changed to, as an attempt.
    async fn try_runtime(&mut self, policy: Result<Value, StepError>) -> StepResult {
        self.put_policies().await?;
        self.policy_before = Some(self.call("GET", RUNTIME, None).await?);
        self.call("PUT", RUNTIME, Some(&policy?)).await?;
        Ok(())
    }

    /// With another effect in one section of its first rule.
    pub(crate) async fn put_effect(&mut self, effect: &str, section: &str) -> StepResult {
        self.try_runtime(self.policies.runtime_with_effect(effect, section)).await
    }

    /// With another collection in its first rule.
    pub(crate) async fn put_collection(&mut self, name: &str) -> StepResult {
        self.try_runtime(self.policies.runtime_with_collection(name)).await
    }

    /// With a custom rule attached to its first rule.
    pub(crate) async fn put_attached(&mut self, id: u64, effect: &str) -> StepResult {
        self.try_runtime(self.policies.runtime_with_attached(id, effect)).await
    }

    /// Puts the firewall policy with settings over those of the last app of a rule.
    pub(crate) async fn put_firewall_app(&mut self, rule: &str, settings: &str) -> StepResult {
        self.put_policies().await?;
        self.policy_before = Some(self.call("GET", FIREWALL, None).await?);
        let mut policies = self.policies.clone();
        policies.set_firewall_app(rule, settings)?;
        let policy = policies.firewall()?;
        self.call("PUT", FIREWALL, policy.as_ref()).await?;
        Ok(())
    }

    /// Asks for the custom rules.
    pub(crate) async fn list_custom_rules(&mut self) -> StepResult {
        self.rig().await?;
        self.call("GET", "/custom-rules", None).await?;
        Ok(())
    }

    /// Asks for what audits must not tell.
    pub(crate) async fn list_sensitive_data(&mut self) -> StepResult {
        self.rig().await?;
        self.call("GET", LOG_SCRUBBING, None).await?;
        Ok(())
    }

    /// Has the Console fold equal audits from now on.
    pub(crate) async fn fold_equal_audits(&mut self) -> StepResult {
        self.rig().await?.console().console().aggregate(true);
        Ok(())
    }

    /// Rows of the last answer; with that value in a member, if one is given.
    pub(crate) fn expect_rows(&self, with: Option<(&str, &str)>, count: usize) -> StepResult {
        let with = with.map(|(member, value)| (member.to_owned(), value.to_owned()));
        self.expect_answer(AnswerExpectation::Rows { with, count })
    }

    /// Buckets of the last answer.
    pub(crate) fn expect_buckets(&self, sum: u64) -> StepResult {
        self.expect_answer(AnswerExpectation::Buckets(sum))
    }

    /// Text of the last answer.
    pub(crate) fn expect_text(&self, text: &str) -> StepResult {
        self.expect_answer(AnswerExpectation::Text(text.to_owned()))
    }

    /// A part of the text of the last answer.
    pub(crate) fn expect_text_part(&self, part: &str) -> StepResult {
        self.expect_answer(AnswerExpectation::TextHas(part.to_owned()))
    }

    /// Reads what the Console has of the firewall's audits, once those decided until now have come: the end of the call's path and its query.
    pub(crate) async fn read_firewall_audits(&mut self, rest: &str) -> StepResult {
        self.read_told(&format!("/audits/firewall/app/app-embedded{rest}")).await
    }

    /// Reads a list of what a Defender told, once everything until now has come.
    pub(crate) async fn read_told(&mut self, path: &str) -> StepResult {
        self.rig().await?;
        if self.rig_ref()?.is_protected() {
            self.fence_audits().await;
        }
        self.call("GET", path, None).await?;
        Ok(())
    }

    /// Has the firewall of the task count from 0 on.
    pub(crate) async fn reset_monitoring(&mut self) -> StepResult {
        let app_id = self.app_id().ok_or_else(|| StepError::new("no Defender has connected"))?;
        self.call("POST", &format!("/waas/monitoring-stats/{app_id}/reset"), None).await?;
        Ok(())
    }

    /// Has the last app of a rule protect the API that was learned, by the document that is exported of it.
    pub(crate) async fn protect_discovered(&mut self, rule: &str, effect: &str) -> StepResult {
        self.rig().await?;
        self.fence_audits().await;
        let (exporting, importing) = (self.new_call(), self.new_call());
        let client = self.rig_ref()?.client();
        let document = client.call("GET", "/waas/discovered-apis/openapi", None, Some(&exporting)).await?;
        let imported = client.post_text(API_SPEC, &document.body.to_string(), &importing).await?;
        self.expect_answer(AnswerExpectation::Success)?;
        // The endpoints stay those of the rule.
        let api = json!({"apiSpec": {"paths": imported.body["paths"], "effect": effect,
            "fallbackEffect": effect, "queryParamFallbackEffect": effect}});
        self.policies.set_firewall_app(rule, &api.to_string())?;
        self.put_policies().await
    }

    /// Puts a custom rule for requests with that script.
    pub(crate) async fn put_custom_rule(&mut self, id: u64, script: &str) -> StepResult {
        let rule = json!({"_id": id, "name": format!("rule {id}"), "type": "waas-request", "script": script});
        self.rig().await?;
        self.call("PUT", &format!("/custom-rules/{id}"), Some(&rule)).await?;
        Ok(())
    }

    /// The runtime policy is what it was before the last write.
    pub(crate) async fn expect_policy_unchanged(&mut self) -> StepResult {
        self.expect_unchanged(RUNTIME).await
    }

    /// The firewall policy is what it was before the last write.
    pub(crate) async fn expect_firewall_unchanged(&mut self) -> StepResult {
        self.expect_unchanged(FIREWALL).await
    }

    async fn expect_unchanged(&mut self, path: &str) -> StepResult {
        let before = self.policy_before.clone();
        let before = before.ok_or_else(|| StepError::new("the policy was not read before it was written"))?;
        let (refused, now) = (self.call.clone(), self.call("GET", path, None).await?);
        self.call = refused;
        let expect = AnswerExpectation::SameAs(before);
        self.settle(&Check::ConsoleAnswer(ConsoleAnswer { token: now, expect }))
    }

    /// Posts a rule for everything that disables every section.
    pub(crate) async fn post_rule(&mut self, name: &str) -> StepResult {
        let off = json!({"effect": "disable"});
        let rule = json!({"name": name, "collections": [{"name": "All"}],
                          "processes": off, "network": off, "dns": off, "filesystem": off});
        self.call("POST", RUNTIME, Some(&rule)).await?;
        self.expect_console_answer(200, None)
    }

    /// Asks the Console what API a document describes.
    pub(crate) async fn import_api(&mut self, document: &str) -> StepResult {
        let token = self.new_call();
        self.rig().await?.client().post_text(API_SPEC, document, &token).await?;
        Ok(())
    }

    /// What the document of the last answer must have.
    pub(crate) fn expect_document(&self, text: &str) -> StepResult {
        let expected = serde_json::from_str(text)
            .map_err(|error| StepError::new(format!("what is expected is no JSON: {error}")))?;
        self.expect_answer(AnswerExpectation::Has(expected))
    }

    /// What the rules of the policy that was read must be.
    pub(crate) fn expect_rules(&self, expect: AnswerExpectation) -> StepResult {
        self.expect_answer(expect)
    }

    /// One record, whose host name is the App ID of the task.
    pub(crate) fn expect_one_defender(&self) -> StepResult {
        self.expect_answer(AnswerExpectation::OneDefender)
    }

    /// Family, colon, task id, as the metadata service tells it.
    pub(crate) fn expect_app_id_shape(&self) -> StepResult {
        let family = unwrapped(self.definition()?)["family"].as_str().unwrap_or_default().to_owned();
        self.settle(&Check::AppId { family })
    }

    /// The App ID that the Defender said hello with.
    pub(super) fn app_id(&self) -> Option<String> {
        self.records().iter().rev().find_map(|record| match record.observation() {
            Observation::LinkConnected { app_id, .. } => Some(app_id.clone()),
            _ => None,
        })
    }

    /// Connections to the Console's Defender port.
    pub(crate) async fn expect_console_connections(&mut self, count: usize) -> StepResult {
        let server = console_address();
        self.fence_connections(server).await?;
        self.settle(&Check::OutsideConnections { server: server.to_string(), count })
    }

    /// Connections that someone outside has accepted.
    pub(crate) async fn expect_outside_connections(
        &mut self,
        address: &str,
        port: u16,
        count: usize,
    ) -> StepResult {
        let server = super::lookups::peer(address, port)?;
        self.fence_connections(server).await?;
        self.settle(&Check::OutsideConnections { server: server.to_string(), count })
    }

    /// Every REST call had a user, and all users are the harness's.
    pub(crate) async fn expect_no_rest_call_from_task(&mut self) -> StepResult {
        let known = self.rig_ref()?.users();
        self.fence_console_calls().await?;
        self.settle(&Check::OnlyKnownCallers { known })
    }

    /// No variable of the container holds a secret of the Console's users.
    pub(crate) fn expect_no_credential(&self, container: &str) -> StepResult {
        self.settle(&Check::NoCredential { container: container.to_owned() })
    }

    /// Opens the link as someone who was not given a bundle.
    pub(crate) async fn open_link_as_stranger(&mut self, certificate: Certificate) -> StepResult {
        let token = new_token();
        self.begin_stimulus(&token, Doing::Unseen, "a stranger opens the Defender link");
        let messages = self.rig().await?.knock(certificate == Certificate::Foreign).await?;
        let stranger = Source::Outside("stranger".to_owned());
        self.record_as(stranger, Some(&token), Observation::StrangerHeard { messages });
        Ok(())
    }

    /// The stranger heard nothing, and the Console recorded that it refused someone, if only after the stranger had gone.
    pub(crate) async fn expect_stranger_refused(&self) -> StepResult {
        let token = self.stimulus()?.token.clone();
        let told = self.watch()?;
        let refused = told.wait_for(REFUSAL_LIMIT, |record| {
            matches!(record.observation(), Observation::LinkRefused { .. })
        });
        if refused.await.is_none() {
            self.record_limit("a refusal at the link", REFUSAL_LIMIT, String::new());
        }
        self.settle(&Check::StrangerRefused { token })
    }

    /// One profile for each container.
    pub(crate) fn expect_profiles(&self, containers: &str, image: &str) -> StepResult {
        let containers = containers.split(',').map(|name| name.trim().to_owned()).collect();
        self.expect_answer(AnswerExpectation::Profiles { containers, image: image.to_owned() })
    }
}
