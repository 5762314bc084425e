//! What the records say of each token, found in one pass: a campaign has thousands of records.

use super::super::act::{Act, acts, is_doing};
use super::super::audit::{AuditView, audits};
use super::super::dns::is_at;
use super::super::evidence::Evidence;
use super::finding::{Finding, FindingKind};
use super::policies::Revisions;
use crate::HistoryRecord;
use proofhouse_protocol::actor::Request;
use proofhouse_protocol::observation::{Observation, Source};
use regex::Regex;
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

/// Where a token can stand in an audit.
const CARRIERS: [&str; 2] = ["command", "domain"];

/// The header with the token of a request, in what an audit tells of headers.
static TOKEN_HEADER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?im)^x-proofhouse-token: *(\S+)").expect("the pattern is well-formed"));

static TOKEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)t[0-9a-f]{12}").expect("the pattern is well-formed"));

/// The first token in a text.
pub(super) fn token_in(text: &str) -> Option<String> {
    TOKEN.find(text).map(|found| found.as_str().to_ascii_lowercase())
}

/// The token of the request that an audit of the firewall tells of.
fn token_of_request(audit: &AuditView<'_>) -> Option<String> {
    let found = TOKEN_HEADER.captures(audit.text("requestHeaders"))?;
    Some(found[1].to_owned())
}

/// A question at a server outside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub record: &'a HistoryRecord,
    pub name: &'a str,
    /// Address and port.
    pub server: &'a str,
    /// `A`, `AAAA`, ...
    pub kind: &'a str,
}

impl Asked<'_> {
    /// What of the question is not as a program asked it: its server, or what it wants to know.
    pub(super) fn otherwise(&self, request: &Request) -> Option<String> {
        let Request::Query { server, record, .. } = request else { return None };
        if !is_at(self.server, server.ip()) {
            return Some(format!("it was put to {server}, and reached {}", self.server));
        }
        (self.kind != record).then(|| format!("it was for the {record} record, and asked for {}", self.kind))
    }
}

/// What the records say, by token.
#[derive(Debug)]
pub(super) struct Trace<'a> {
    pub records: &'a [HistoryRecord],
    pub app_id: &'a str,
    pub revisions: Revisions,
    pub began: HashMap<&'a str, usize>,
    pub acts: HashMap<&'a str, Act<'a>>,
    pub audits: HashMap<String, Vec<AuditView<'a>>>,
    pub asked: HashMap<String, Vec<Asked<'a>>>,
    /// Places of what came of requests of clients; of one that was sent again, of the last time.
    pub exchanges: HashMap<&'a str, usize>,
    /// Requests as the app saw them.
    pub at_app: HashMap<&'a str, Vec<&'a HistoryRecord>>,
    nobodys: Vec<AuditView<'a>>,
}

impl<'a> Trace<'a> {
    /// Of these records; `Err` says why they tell nothing.
    pub(super) fn of(evidence: Evidence<'a>) -> Result<Self, String> {
        let records = evidence.records();
        let (_, app_id) = evidence.app_id().ok_or("no Defender of the task has said hello")?;
        let mut trace = Self {
            records,
            app_id,
            revisions: Revisions::of(records)?,
            began: HashMap::new(),
            acts: HashMap::new(),
            audits: HashMap::new(),
            asked: HashMap::new(),
            exchanges: HashMap::new(),
            at_app: HashMap::new(),
            nobodys: Vec::new(),
        };
        for (index, record) in records.iter().enumerate() {
            match record.observation() {
                Observation::Stimulus { .. } => {
                    if let Some(token) = record.token() {
                        trace.began.entry(token).or_insert(index);
                    }
                }
                Observation::DnsQuestion { name, server, record: kind, .. } => {
                    if let Some(token) = token_in(name) {
                        trace.asked.entry(token).or_default().push(Asked { record, name, server, kind });
                    }
                }
                Observation::HttpExchange { .. } => {
                    if let Some(token) = record.token() {
                        trace.exchanges.insert(token, index);
                    }
                }
                Observation::AppRequest { token: Some(token), .. }
                    if matches!(record.recording.source, Source::Container(_)) =>
                {
                    trace.at_app.entry(token).or_default().push(record);
                }
                _ => {}
            }
        }
        for act in acts(records).filter(|act| is_doing(act.request)) {
            if let Some(token) = act.record.token() {
                trace.acts.insert(token, act);
            }
        }
        for audit in audits(records) {
            let of_process = || CARRIERS.iter().find_map(|member| token_in(audit.text(member)));
            match token_of_request(&audit).or_else(of_process) {
                Some(token) => trace.audits.entry(token).or_default().push(audit),
                None => trace.nobodys.push(audit),
            }
        }
        Ok(trace)
    }

    /// Audits of nothing that was tried.
    pub(super) fn strays(&self, known: &BTreeSet<&str>) -> Vec<Finding> {
        let others = self.audits.iter().filter(|(token, _)| !known.contains(token.as_str()));
        let all = self.nobodys.iter().chain(others.flat_map(|(_, audits)| audits));
        all.map(|audit| Finding {
            token: None,
            kind: FindingKind::AuditUnexpected,
            said: format!("an audit of nothing that was tried: {}", audit.describe(self.records)),
            clauses: Vec::new(),
            on: vec![audit.record.sequence],
        })
        .collect()
    }
}
