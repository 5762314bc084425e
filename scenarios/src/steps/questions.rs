//! The question that only people answer.

use crate::world::questions::Service;
use crate::world::{ScenarioWorld, StepResult};
use cucumber::{given, when};

/// The app of that firewall rule has sessions and asks the question of reCAPTCHA with a site key. The Defender asks a service in the
/// internet of the task, which says yes to one answer, whoever gives it and how often, if the secret key is the app's.
#[given(
    expr = "the firewall rule {string} asks for reCAPTCHA with site key {string}, and the service {string} at {string} accepts {string}"
)]
async fn accepting(
    world: &mut ScenarioWorld,
    rule: String,
    site_key: String,
    service: String,
    address: String,
    accepted: String,
) -> StepResult {
    world.ask_questions(&rule, &site_key, (&service, &address), Service::Accepts(accepted)).await
}

/// As before, but the service answers everything with that status.
#[given(
    expr = "the firewall rule {string} asks for reCAPTCHA with site key {string}, and the service {string} at {string} fails with {int}"
)]
async fn failing(
    world: &mut ScenarioWorld,
    rule: String,
    site_key: String,
    service: String,
    address: String,
    status: u16,
) -> StepResult {
    world.ask_questions(&rule, &site_key, (&service, &address), Service::Fails(status)).await
}

/// A client posts an answer from the page of that target, with the cookie that the last answer that set one has set.
#[when(expr = "a client at {string} answers the question of {string} on port {int} with {string}")]
async fn answers(
    world: &mut ScenarioWorld,
    client: String,
    target: String,
    port: u16,
    answer: String,
) -> StepResult {
    world.answer_question(&client, &target, port, &answer).await
}
