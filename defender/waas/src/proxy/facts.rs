//! What is known of a request when it is decided on.

use crate::audit::{Scene, Told};
use crate::bans::Entity;
use crate::client_address::Client;
use crate::custom::{Exchange, Reply};
use crate::finding::Finding;
use crate::policy::App;
use crate::scrub::Secrets;
use crate::sessions::Session;
use crate::{Match, RequestView, Unread, WaasConfig};
use hyper::http::request::Parts;
use hyper::{HeaderMap, StatusCode};
use proofhouse_protocol::FirewallAudit;
use std::sync::OnceLock;

/// What was found out about the whole of a request.
#[derive(Debug, Default)]
pub(super) struct Inspected {
    pub(super) matches: Vec<Match>,
    /// Why the body was not inspected whole, although it was read.
    pub(super) unread: Option<Unread>,
    /// A file that is not allowed.
    pub(super) upload: Option<Finding>,
    /// What is not as the app's API says.
    pub(super) unexpected: Option<Finding>,
}

/// Everything that is known of a request beside its head.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) app: &'a App,
    pub(super) host: &'a str,
    pub(super) client: &'a Client,
    pub(super) event_id: &'a str,
    /// Whether the client's connection is encrypted.
    pub(super) encrypted: bool,
    /// The inspected part of the body, as it came.
    pub(super) body: &'a [u8],
    /// Whether the body is longer than that.
    pub(super) exceeded: bool,
    pub(super) inspected: &'a Inspected,
    /// Whether the framing of the request contradicts itself, so that it is answered 400 whatever was found.
    pub(super) broken: bool,
    /// The session, where the app has them.
    pub(super) session: Option<&'a Session>,
    /// Whether the client has to be given the page that starts one.
    pub(super) wants_page: bool,
    /// Whether the client has answered the app's question before.
    pub(super) answered: bool,
    /// An answer to it that this request brings.
    pub(super) solution: Option<&'a str>,
}

/// A request as it is decided on.
pub(super) struct Facts<'a> {
    pub(super) scene: Scene<'a>,
    pub(super) known: Known<'a>,
    secrets: OnceLock<Secrets<'a>>,
    told: Told,
}

impl Known<'_> {
    /// With the head of the request.
    pub(super) fn of<'b>(&'b self, config: &'b WaasConfig, request: &'b Parts) -> Facts<'b> {
        let Known { app, host, client, event_id, .. } = *self;
        Facts {
            scene: Scene { config, app, request, host, client, event_id },
            known: *self,
            secrets: OnceLock::new(),
            told: Told::default(),
        }
    }
}

impl Facts<'_> {
    /// The audit of a finding, without what audits must not tell. All audits are made here.
    pub(super) fn audit(&self, found: &Finding) -> FirewallAudit {
        // First, as long as the audit is not there yet: both take a multiple of the head.
        let secrets = self.secrets.get_or_init(|| self.secrets());
        let mut audit = self.scene.audit(found);
        secrets.scrub_audit(&mut audit);
        self.told.shorten(&mut audit);
        audit
    }

    /// The session, if it is wanted and there is one; else the address.
    pub(super) fn entity(&self, by_session: bool) -> Entity {
        match self.known.session {
            Some(Session::Valid(ticket)) if by_session => Entity::Session(ticket.id()),
            _ => Entity::Address(self.scene.client.address),
        }
    }

    /// What custom rules see.
    pub(super) fn exchange<'b>(&'b self, reply: Option<Reply<'b>>) -> Exchange<'b> {
        let (scene, known) = (&self.scene, &self.known);
        let body = (known.body, scene.app.spec.body.inspection_size_bytes);
        Exchange::new(scene.request, scene.host, scene.client, known.encrypted, body, reply)
    }

    /// Who is banned for this request.
    pub(super) fn banned_by(&self) -> Entity {
        self.entity(self.scene.app.spec.session_cookie_ban)
    }
}

impl<'a> Facts<'a> {
    fn secrets(&self) -> Secrets<'a> {
        let (scene, known) = (&self.scene, &self.known);
        let headers = &scene.request.headers;
        let mut lines: Vec<(&str, &[u8])> = vec![("host", scene.host.as_bytes())];
        lines.extend(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
        scene.app.scrubbing.secrets(&RequestView {
            path: scene.request.uri.path().as_bytes(),
            query: scene.request.uri.query().map(str::as_bytes),
            headers: &lines,
            body: known.body,
            body_limit: scene.app.spec.body.inspection_size_bytes,
            ..RequestView::default()
        })
    }
}

/// What the application answered.
pub(super) struct Answer<'a> {
    pub(super) status: StatusCode,
    pub(super) headers: &'a HeaderMap,
    /// The inspected part of the body, without content codings.
    pub(super) body: &'a [u8],
    /// Whether the body is text.
    pub(super) text: bool,
}
