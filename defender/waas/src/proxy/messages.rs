//! Messages of a gRPC call on their way to the application: none goes on before it was judged.

use super::Firewall;
use super::facts::{Inspected, Known};
use crate::body::grpc::{PREFIX, is_grpc};
use crate::client_address::Client;
use crate::policy::App;
use crate::sessions::Session;
use crate::{RequestView, Unread};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE};
use hyper::http::request::Parts;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the body is read message by message: a call by one type, without a coding of the whole. gRPC-Web has no streams of
/// requests, and is read whole.
pub(super) fn are_in(parts: &Parts) -> bool {
    let mut types = parts.headers.get_all(CONTENT_TYPE).iter();
    let one = types.next().filter(|_| types.next().is_none());
    one.is_some_and(|one| {
        let text = one.as_bytes().to_ascii_lowercase();
        is_grpc(&text) && !text.starts_with(b"application/grpc-web") && !text.contains(&b',')
    }) && !parts.headers.contains_key(CONTENT_ENCODING)
}

/// A call whose messages may come at any time.
pub(super) struct Call {
    pub(super) firewall: Arc<Firewall>,
    pub(super) app: Arc<App>,
    pub(super) parts: Parts,
    pub(super) host: String,
    pub(super) client: Client,
    pub(super) session: Option<Session>,
    pub(super) event_id: String,
    pub(super) encrypted: bool,
    /// Set when a message was refused.
    pub(super) refused: Arc<AtomicBool>,
}

impl Call {
    /// Whether a message may go on, or the beginning of one that is too long.
    fn judge(&self, message: &[u8], exceeded: bool) -> bool {
        let firewall = &self.firewall;
        let names = ["content-type", "grpc-encoding"];
        let headers: Vec<(&str, &[u8])> = names
            .iter()
            .filter_map(|name| Some((*name, self.parts.headers.get(*name)?.as_bytes())))
            .collect();
        let view = RequestView {
            method: self.parts.method.as_str(),
            http2: true,
            path: self.parts.uri.path().as_bytes(),
            headers: &headers,
            has_body: true,
            body: message,
            body_limit: self.app.spec.body.inspection_size_bytes,
            ..RequestView::default()
        };
        let (mut matches, mut many) = (Vec::new(), false);
        if let Some(detector) = firewall.detector().filter(|_| !self.app.wanted.is_empty()) {
            let inputs = view.body_inputs();
            many = inputs.left_out();
            matches = detector.inspect_excepted(&view, inputs, self.app.wanted, &self.app.exceptions);
        }
        let unread = view.unread().or(many.then_some(Unread::Many));
        let inspected = Inspected { matches, unread, ..Inspected::default() };
        let known = Known {
            app: &self.app,
            host: &self.host,
            client: &self.client,
            event_id: &self.event_id,
            encrypted: self.encrypted,
            body: message,
            exceeded,
            inspected: &inspected,
            broken: false,
            session: self.session.as_ref(),
            wants_page: false,
            answered: false,
            solution: None,
        };
        let passes = firewall.decide_on_message(&known.of(&firewall.config, &self.parts));
        if !passes {
            self.refused.store(true, Ordering::Release);
        }
        passes
    }
}

/// The messages of one call.
pub(super) struct Messages {
    call: Call,
    /// The beginning of a message.
    held: Vec<u8>,
    /// Bytes still to come of a message that is longer than what is inspected.
    through: usize,
}

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Messages").field("held", &self.held.len()).finish_non_exhaustive()
    }
}

impl Messages {
    pub(super) fn new(call: Call) -> Self {
        Self { call, held: Vec::new(), through: 0 }
    }

    /// What may go on, now that these bytes have come; none if a message was refused. Those that were looked at with the head of the
    /// request are not judged again.
    pub(super) fn pass(&mut self, mut data: &[u8], judged: bool) -> Option<Vec<u8>> {
        let limit = self.call.app.spec.body.inspection_size_bytes.max(PREFIX);
        let mut out = Vec::with_capacity(self.held.len() + data.len());
        while !data.is_empty() {
            if self.through > 0 {
                let (passing, rest) = data.split_at(self.through.min(data.len()));
                self.through -= passing.len();
                out.extend_from_slice(passing);
                data = rest;
                continue;
            }
            let wanted = wanted(&self.held);
            let room = wanted.min(limit) - self.held.len();
            let (mine, rest) = data.split_at(room.min(data.len()));
            self.held.extend_from_slice(mine);
            data = rest;
            let wanted = self::wanted(&self.held);
            if self.held.len() == wanted.min(limit) && self.held.len() >= PREFIX {
                let exceeded = wanted > limit;
                if !judged && !self.call.judge(&self.held, exceeded) {
                    return None;
                }
                self.through = wanted - self.held.len();
                out.append(&mut self.held);
            }
        }
        Some(out)
    }

    /// The same of what is left when the call's messages have ended: no whole one.
    pub(super) fn finish(&mut self) -> Option<Vec<u8>> {
        let held = std::mem::take(&mut self.held);
        (held.is_empty() || self.call.judge(&held, false)).then_some(held)
    }
}

/// Length of the message that begins like this; of its prefix, as long as that is not whole.
fn wanted(held: &[u8]) -> usize {
    match held {
        [_, a, b, c, d, ..] => usize::try_from(u32::from_be_bytes([*a, *b, *c, *d]))
            .map_or(usize::MAX, |length| length.saturating_add(PREFIX)),
        _ => PREFIX,
    }
}
