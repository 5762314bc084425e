//! The question that only people answer: who gets it, and what becomes of an answer.

use super::deciding::Verdict;
use super::facts::Facts;
use super::service::{complete, with_event_id};
use super::{Body, Firewall, block};
use crate::captcha::Failure;
use crate::finding::Finding;
use crate::sessions::Session;
use crate::statistics::Count;
use hyper::header::{CACHE_CONTROL, HeaderValue, LOCATION, SET_COOKIE};
use hyper::{Method, Response, StatusCode, Uri};
use proofhouse_protocol::{FirewallAudit, WaasEffect};
use std::error::Error as _;

impl Facts<'_> {
    /// Whether what was found is a reason to ask, and not to block. Where nobody can be asked the effect blocks: a declared choice.
    pub(super) fn is_asked_for(&self, found: &FirewallAudit) -> bool {
        found.effect == WaasEffect::ReCaptcha && self.scene.app.captcha.is_some()
    }

    /// Whether the client has to answer, whoever it is.
    pub(super) fn asks_everybody(&self) -> bool {
        self.scene.app.captcha.as_ref().is_some_and(|captcha| captcha.all_sessions) && !self.known.answered
    }
}

fn bot(kind: &'static str, message: String) -> Finding {
    Finding { protection: "bot", ..Finding::firewall(kind, WaasEffect::Prevent, message) }
}

impl Firewall {
    /// The question, for who can be shown a page; an answer to it is one. All else is blocked. `cause` is what was found of the client.
    pub(super) fn ask(
        &self,
        facts: &Facts<'_>,
        mut alerts: Vec<FirewallAudit>,
        cause: Option<FirewallAudit>,
    ) -> Verdict {
        let method = &facts.scene.request.method;
        if let Some(token) = facts.known.solution.filter(|_| !facts.known.broken) {
            return Verdict::Solution(token.to_owned(), alerts);
        }
        if *method == Method::GET && !facts.known.broken {
            alerts.extend(cause);
            return Verdict::Question(alerts);
        }
        let message = format!("{method} request when a reCAPTCHA page is required");
        let required = facts.audit(&bot("recaptchaRequired", message));
        self.block(facts, alerts, required)
    }

    /// The page with the question; it starts a session, where the client has none.
    pub(super) fn question(&self, facts: &Facts<'_>, alerts: Vec<FirewallAudit>) -> Response<Body> {
        let (scene, known) = (&facts.scene, &facts.known);
        let captcha = scene.app.captcha.as_ref().expect("an app that asks has a question");
        let has_none = !matches!(known.session, Some(Session::Valid(_)));
        let headers = &scene.request.headers;
        let cookie =
            has_none.then(|| self.sessions.begin(&scene.app.spec, headers, scene.client, self.clock.now()));
        let response = crate::captcha::page(captcha, cookie);
        complete(self.auditor.hold(alerts), &response);
        with_event_id(response, scene.app, scene.event_id)
    }

    /// Has an answer judged by the service. Other requests go on meanwhile.
    pub(super) async fn judge_solution(
        &self,
        facts: &Facts<'_>,
        token: &str,
        alerts: Vec<FirewallAudit>,
    ) -> Response<Body> {
        let scene = &facts.scene;
        let (app, headers) = (scene.app, &scene.request.headers);
        let captcha = app.captcha.as_ref().expect("an app that asks has a question");
        if let Err(failure) =
            self.verifier.verify(captcha, token, scene.client.address, self.clock.now()).await
        {
            if let Failure::Silent(why) = &failure {
                let cause = why.source().map(ToString::to_string).unwrap_or_default();
                tracing::warn!(%why, cause, "the verification service of reCAPTCHA did not answer");
            }
            let message = format!("Failed reCAPTCHA verification: {failure}");
            self.statistics.count(Count::Blocked);
            let failed = facts.audit(&bot("recaptchaVerificationFailed", message));
            self.block(facts, alerts, failed);
            return block::response(app, scene.event_id);
        }
        self.statistics.count(Count::CaptchaPage);
        alerts.iter().for_each(|alert| self.statistics.told_of(alert));
        let of = (&app.spec, captcha);
        let cookie = self.sessions.answered(of, headers, scene.client, facts.known.session, self.clock.now());
        let mut response = block::plain(StatusCode::SEE_OTHER);
        response.headers_mut().insert(LOCATION, back_to(&scene.request.uri));
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.headers_mut().insert(SET_COOKIE, cookie);
        complete(self.auditor.hold(alerts), &response);
        with_event_id(response, app, scene.event_id)
    }
}

/// The same page of the same site: a target that begins with several slashes would be taken for the name of another.
fn back_to(uri: &Uri) -> HeaderValue {
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let path = format!("/{}", target.trim_start_matches(['/', '\\']));
    HeaderValue::from_str(&path).unwrap_or_else(|_| HeaderValue::from_static("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_sent_back_to_the_same_site() {
        for (target, back) in [
            ("/a?b=c", "/a?b=c"),
            ("/", "/"),
            ("//evil.example/x", "/evil.example/x"),
            ("/\\evil.example", "/evil.example"),
            ("http://h//evil.example", "/evil.example"),
            ("http://h", "/"),
        ] {
            assert_eq!(back_to(&target.parse().unwrap()), back, "{target}");
        }
    }
}
