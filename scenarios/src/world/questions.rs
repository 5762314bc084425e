//! The question of reCAPTCHA, and a service of the scenario's own that says whether it was answered.

use super::exchanges::BYSTANDER;
use super::stimulus::new_token;
use super::{ScenarioWorld, StepResult};
use proofhouse_protocol::{Recorder as _, Secret};
use serde_json::json;
use wiremock::{Request, ResponseTemplate};

/// Where the reference Defender finds the address of the service (`docs/defender.md`).
const VARIABLE: &str = "RECAPTCHA_SERVICE";

/// Where the service is asked.
const PATH: &str = "/siteverify";

/// Who need not answer.
const FREE: &str = "who need not answer";

/// What a service says.
pub(crate) enum Service {
    /// Yes to this answer, if it is asked by who knows the secret.
    Accepts(String),
    /// Nothing but a status.
    Fails(u16),
}

impl ScenarioWorld {
    /// Has a firewall rule ask the question, with a secret of the scenario's own, and the Defender ask that service. The client by whom
    /// fences go in is a bot of the user's own that is allowed: it need not answer.
    pub(crate) async fn ask_questions(
        &mut self,
        rule: &str,
        site_key: &str,
        (name, address): (&str, &str),
        service: Service,
    ) -> StepResult {
        let secret = format!("secret-{}", new_token());
        self.watch()?.keep_secret("secret key of reCAPTCHA", &Secret::new(secret.as_str()));
        let spec = json!({"enabled": true, "siteKey": site_key, "secretKey": {"plain": &secret}});
        self.policies.add_network_list(FREE, &BYSTANDER.to_string());
        self.bystander_passes = true;
        let free = json!([{"name": FREE, "subnets": [FREE], "effect": "allow"}]);
        let bots = json!({"reCAPTCHASpec": spec, "userDefinedBots": free});
        let app = json!({"sessionCookieEnabled": true, "botProtectionSpec": bots});
        self.policies.set_firewall_app(rule, &app.to_string())?;
        self.sidecar_variables.push((VARIABLE.to_owned(), format!("http://{name}{PATH}")));
        self.add_answering(name, address, Box::new(move |request| service.answer(request, &secret))).await
    }

    /// Posts an answer to the page of a target, with the cookie that was set last.
    pub(crate) async fn answer_question(
        &mut self,
        client: &str,
        target: &str,
        port: u16,
        answer: &str,
    ) -> StepResult {
        let headers = [
            ("Cookie".to_owned(), self.cookie_that_was_set()?),
            ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
        ];
        let form = format!("g-recaptcha-response={answer}");
        self.request(client, &format!("POST {target}"), port, &headers, &form).await
    }
}

impl Service {
    fn answer(&self, request: &Request, secret: &str) -> ResponseTemplate {
        let accepted = match self {
            Self::Fails(status) => return ResponseTemplate::new(*status),
            Self::Accepts(accepted) => accepted,
        };
        if request.url.path() != PATH || request.method.as_str() != "POST" {
            return ResponseTemplate::new(404);
        }
        let form = String::from_utf8_lossy(&request.body).into_owned();
        let has = |name: &str, value: &str| form.split('&').any(|pair| pair == format!("{name}={value}"));
        let said = match (has("secret", secret), has("response", accepted)) {
            (true, true) => json!({"success": true}),
            (false, _) => json!({"success": false, "error-codes": ["invalid-input-secret"]}),
            (_, false) => json!({"success": false, "error-codes": ["invalid-input-response"]}),
        };
        ResponseTemplate::new(200).set_body_json(said)
    }
}
