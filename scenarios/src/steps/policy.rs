//! Policies as people read them.

use super::parameters::Scope;
use crate::world::{ScenarioWorld, StepResult, tables};
use cucumber::{gherkin::Step, given, when};

/// A rule of the runtime policy. One row a section (`processes`, `network`, `dns`, `filesystem`), with its effect, the
/// names that are allowed or denied (comma-separated), and switches of the section such as `blockAllBinaries` as options.
/// Of `network`, an entry is an address or a block, `outbound` and a port or a range of them, or `listening` and one. Rules stand in
/// the order in which the scenario gives them.
#[given(expr = "the runtime rule {string} for {scope}:")]
async fn runtime_rule(world: &mut ScenarioWorld, name: String, scope: Scope, step: &Step) -> StepResult {
    world.policies.add_runtime_rule(&name, &scope, false, &tables::sections(step)?)
}

/// As before, but the rule is disabled.
#[given(expr = "the disabled runtime rule {string} for {scope}:")]
async fn disabled_runtime_rule(
    world: &mut ScenarioWorld,
    name: String,
    scope: Scope,
    step: &Step,
) -> StepResult {
    world.policies.add_runtime_rule(&name, &scope, true, &tables::sections(step)?)
}

/// A rule of the WAAS policy with one app: where WAAS listens, where it forwards to, and the effect of each protection.
#[given(expr = "the firewall rule {string} from port {int} to port {int}:")]
async fn firewall_rule(
    world: &mut ScenarioWorld,
    name: String,
    from: u16,
    to: u16,
    step: &Step,
) -> StepResult {
    world.policies.add_firewall_rule(&name, &Scope::Everything, from, to, &tables::pairs(step)?)
}

/// As before, scoped by App ID.
#[given(expr = "the firewall rule {string} for {scope} from port {int} to port {int}:")]
async fn scoped_firewall_rule(
    world: &mut ScenarioWorld,
    name: String,
    scope: Scope,
    from: u16,
    to: u16,
    step: &Step,
) -> StepResult {
    world.policies.add_firewall_rule(&name, &scope, from, to, &tables::pairs(step)?)
}

/// Gives that rule an app behind its others; the first app that covers a request decides.
#[given(expr = "the firewall rule {string} has another app from port {int} to port {int}:")]
async fn another_app(world: &mut ScenarioWorld, name: String, from: u16, to: u16, step: &Step) -> StepResult {
    world.policies.add_firewall_app(&name, from, to, &tables::pairs(step)?)
}

/// A network list, which settings of a firewall rule may name: IPv4 addresses and blocks, between commas.
#[given(expr = "the network list {string} with {string}")]
async fn network_list(world: &mut ScenarioWorld, name: String, subnets: String) -> StepResult {
    world.policies.add_network_list(&name, &subnets);
    Ok(())
}

/// A custom rule for requests or answers, which apps attach by its number (`customRules`): name, message of its audits, and the
/// script.
#[given(expr = "the custom rule {int} {string} for {word}s, with message {string}:")]
async fn custom_rule(
    world: &mut ScenarioWorld,
    id: u64,
    name: String,
    kind: String,
    message: String,
    step: &Step,
) -> StepResult {
    world.policies.add_custom_rule(id, &name, &kind, &message, tables::text(step)?.trim());
    Ok(())
}

/// A custom rule of that type (`processes`, `network-outgoing`, ...), which rules of the runtime policy attach by its number.
#[given(expr = "the custom rule {int} {string} of type {string}, with message {string}:")]
async fn custom_rule_of_type(
    world: &mut ScenarioWorld,
    id: u64,
    name: String,
    kind: String,
    message: String,
    step: &Step,
) -> StepResult {
    world.policies.add_custom_rule(id, &name, &kind, &message, tables::text(step)?.trim());
    Ok(())
}

/// Attaches a custom rule to a runtime rule with an effect, below those that it has.
#[given(expr = "the runtime rule {string} attaches custom rule {int} with {string}")]
async fn attaches(world: &mut ScenarioWorld, name: String, id: u64, effect: String) -> StepResult {
    world.policies.attach_custom_rule(&name, id, &effect)
}

/// Data that no audit may tell, at one of the locations of exceptions: what stands there instead, and a pattern or path.
#[given(expr = "the sensitive data {string} at {string} with key {string}")]
async fn sensitive_data(
    world: &mut ScenarioWorld,
    placeholder: String,
    location: String,
    key: String,
) -> StepResult {
    world.policies.add_sensitive_data(&placeholder, &location, &key);
    Ok(())
}

/// The same in the form of the Console's API: a list.
#[given("the sensitive data:")]
async fn sensitive_data_list(world: &mut ScenarioWorld, step: &Step) -> StepResult {
    world.policies.extend_sensitive_data(&tables::text(step)?)
}

/// Settings of the last app of that rule, in the form of the Console's API; they go over what the rule has.
#[given(expr = "the app of the firewall rule {string} also has:")]
async fn app_settings(world: &mut ScenarioWorld, name: String, step: &Step) -> StepResult {
    world.policies.set_firewall_app(&name, &tables::text(step)?)
}

/// Settings of a firewall rule itself, in the form of the Console's API.
#[given(expr = "the firewall rule {string} also has:")]
async fn rule_settings(world: &mut ScenarioWorld, name: String, step: &Step) -> StepResult {
    world.policies.set_firewall_rule(&name, &tables::text(step)?)
}

/// Gives the apps of that rule a certificate of their own for a server name, and has their endpoints speak TLS.
#[given(expr = "the firewall rule {string} speaks TLS as {string}")]
async fn speaks_tls(world: &mut ScenarioWorld, name: String, server_name: String) -> StepResult {
    world.policies.encrypt_firewall_rule(&name, &server_name)
}

/// Puts the WAAS policy with that rule disabled, and waits until the Defender decides by it.
#[when(expr = "the firewall rule {string} is disabled")]
async fn firewall_rule_disabled(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.policies.disable_firewall_rule(&name)?;
    world.put_policies().await
}

/// Puts the runtime policy with other sections in that rule, and waits until the Defender decides by it.
#[when(expr = "the runtime rule {string} becomes:")]
async fn runtime_rule_becomes(world: &mut ScenarioWorld, name: String, step: &Step) -> StepResult {
    world.policies.change_runtime_rule(&name, &tables::sections(step)?)?;
    world.put_policies().await
}

/// Puts the runtime policy with other sections in that rule; nobody waits for a Defender to hear of it.
#[when(expr = "the Console is given the runtime rule {string} as:")]
async fn runtime_rule_given(world: &mut ScenarioWorld, name: String, step: &Step) -> StepResult {
    world.policies.change_runtime_rule(&name, &tables::sections(step)?)?;
    world.give_policies().await
}

/// Puts the collection that scopes that rule with another scope, and waits until the Defender decides by it. The policy stays as it is.
#[when(expr = "the collection of the runtime rule {string} becomes {scope}")]
async fn collection_becomes(world: &mut ScenarioWorld, name: String, scope: Scope) -> StepResult {
    world.change_collection(&name, &scope).await
}

/// Puts the runtime policy with that rule under another name, and waits until the Defender decides by it.
#[when(expr = "the runtime rule {string} is renamed to {string}")]
async fn runtime_rule_renamed(world: &mut ScenarioWorld, from: String, to: String) -> StepResult {
    world.policies.rename_runtime_rule(&from, &to)?;
    world.put_policies().await
}

/// Puts the WAAS policy with other effects in that rule, and waits until the Defender decides by it.
#[when(expr = "the firewall rule {string} becomes:")]
async fn firewall_rule_becomes(world: &mut ScenarioWorld, name: String, step: &Step) -> StepResult {
    world.policies.change_firewall_rule(&name, &tables::pairs(step)?)?;
    world.put_policies().await
}

/// Puts a runtime policy in the form of the Console's API, collections and all, and waits until the Defender decides by it.
#[when("the runtime policy becomes:")]
async fn runtime_policy_becomes(world: &mut ScenarioWorld, step: &Step) -> StepResult {
    world.policies.set_runtime(&tables::text(step)?)?;
    world.put_policies().await
}

/// Puts a policy of the firewall in the form of the Console's API, collections and all, and waits until the Defender decides by it.
#[when("the firewall policy becomes:")]
async fn firewall_policy_becomes(world: &mut ScenarioWorld, step: &Step) -> StepResult {
    world.policies.set_firewall(&tables::text(step)?)?;
    world.put_policies().await
}

/// Puts an empty runtime policy, and waits until the Defender decides by it.
#[when("the runtime policy is cleared")]
async fn cleared(world: &mut ScenarioWorld) -> StepResult {
    world.policies.clear_runtime_rules();
    world.put_policies().await
}
