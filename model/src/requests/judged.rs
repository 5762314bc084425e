//! What is decided of a request, and told of it.

use super::Place;
use super::answer::Headers;
use super::flood::Sending;
use crate::Trail;
use proofhouse_protocol::WaasEffect;
use std::net::IpAddr;

/// What the client gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// What the app answers to the request.
    OfApp,
    /// A page that says that it was refused.
    Page {
        /// Status.
        status: u16,
        /// The user's own page, with `#eventID` where the event id stands.
        own: Option<String>,
    },
    /// Nothing: nobody listens there.
    Nothing,
}

/// An audit that a Defender owes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// `ruleName`.
    pub rule: String,
    /// `ruleAppID`.
    pub app: String,
    /// `type`.
    pub kind: &'static str,
    /// `effect`.
    pub effect: WaasEffect,
    /// `protection`, where that is documented.
    pub protection: Option<&'static str>,
    /// `attackField`, where that is known.
    pub place: Option<Place>,
    /// `subnet`.
    pub client: IpAddr,
    /// `msg`, where that is known.
    pub msg: Option<String>,
}

/// What is decided of a request, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What the client gets.
    pub answer: Answer,
    /// Whether the app gets the request, as it was sent. It may, and its answer be refused.
    pub reaches_app: bool,
    /// Headers of the app's answer, where it comes back and they are known.
    pub headers: Option<Headers>,
    /// Whether the answer has an event id; nothing where that is not documented.
    pub event_id: Option<bool>,
    /// All that is told of it.
    pub audits: Vec<Told>,
    /// The app that the client is banned from from now on, or again.
    pub bans: Option<String>,
    /// What the client has sent to an app by now.
    pub(super) sending: Option<(String, Sending)>,
    /// The clauses by which it came about.
    pub trail: Trail,
}
