//! Requests that exploration found something about, in the words of steps.

use super::answer_words::{clause_of_header, header_of_answer, is_of_header, prepared_answers};
use super::feature::{aligned_pairs, pretty, quoted};
use super::firewall_words::{given_customs, given_rule, of_somebody, slim};
use proofhouse_generators::{
    APP_PORT, Ask, Batch, PORTS, Packing, Trial, Visit, What, Wire, network_lists, odd_answer,
};
use proofhouse_model::requests::{Answer, Judged, Meanings, Moment, Sent, Standing, judge_request};
use proofhouse_protocol::WaasPolicy;
use proofhouse_reports::checks::FindingKind;
use serde_json::json;
use std::collections::BTreeSet;

/// The App ID that scopes of campaigns are compared with; every task has another number.
const APP_ID: &str = "explored:0";

/// Headers that requests of campaigns have and that nothing depends on.
const IDLE: [(&str, &str); 2] = [("User-Agent", "shop-client/2.1"), ("Accept", "*/*")];

/// The requests of a batch, with the policy that decides on them.
pub(super) struct Requests<'a> {
    pub(super) policy: &'a WaasPolicy,
    meanings: &'a Meanings,
    pub(super) kind: &'a FindingKind,
    /// Ports that are asked at.
    asked: Vec<u16>,
}

impl<'a> Requests<'a> {
    /// Those of a batch that has some, about which something of that kind was found.
    pub(super) fn of(batch: &'a Batch, kind: &'a FindingKind) -> Option<Self> {
        let asked = sent(batch).map(|sent| sent.port).collect();
        Some(Self { policy: batch.firewall.as_ref()?, meanings: &batch.meanings, kind, asked })
    }

    /// Custom rules that its apps attach.
    pub(super) fn customs(&self) -> Vec<String> {
        given_customs(self.policy)
    }

    /// What has to be there before the task runs; whether the policy is.
    pub(super) fn given(&self) -> (Vec<String>, bool) {
        let policy = of_somebody(self.policy);
        let named = json!(policy.rules).to_string();
        let lists = network_lists().into_iter().filter(|list| !list.disabled);
        let lists = lists.filter(|list| named.contains(&format!("\"{}\"", list.name)));
        let list = |name: &str, subnets: &[String]| {
            format!("the network list \"{name}\" with \"{}\"", subnets.join(", "))
        };
        let mut steps: Vec<String> = lists.map(|one| list(&one.name, &one.subnets)).collect();
        let mut apps = 0;
        let rules: Option<Vec<Vec<String>>> =
            policy.rules.iter().enumerate().map(|(at, rule)| given_rule(rule, at, &mut apps)).collect();
        let is_given = rules.is_some();
        steps.extend(rules.into_iter().flatten().flatten());
        let asked: BTreeSet<u16> =
            self.asked.iter().copied().filter(|port| !is_given || *port != PORTS[0]).collect();
        steps.extend(asked.iter().map(|port| format!("the security group also opens port {port}")));
        (steps, is_given)
    }

    /// The policy, where it comes when the task runs.
    pub(super) fn becomes(&self) -> String {
        let mut policy = of_somebody(self.policy);
        policy.network_lists.clear();
        policy.custom_rules.clear();
        for (at, rule) in policy.rules.iter_mut().enumerate() {
            for (place, collection) in rule.collections.iter_mut().enumerate() {
                if collection.name != "All" {
                    collection.name = format!("scope-{}-{}", at + 1, place + 1);
                }
            }
        }
        format!("the firewall policy becomes:\n{}", quoted(&pretty(&slim(json!(policy)))))
    }

    /// What the app has to be told before it is asked.
    pub(super) fn prepared(&self, batch: &Batch) -> Vec<String> {
        prepared_answers(sent(batch).map(|sent| sent.path().to_owned()))
    }

    /// What a client does, and what must come of it.
    pub(super) fn tried(&self, visit: &Visit, behind: &[&str], steps: &mut Vec<String>) {
        let peer = visit.peer();
        if let Some(ask) = visit.repeated().filter(|ask| self.is_plain(ask)) {
            let (number, port) = (visit.asks.len(), ask.port);
            let what = format!("requests \"{} {}\" on port {port} {number} times", ask.method, ask.path);
            steps.push(format!("When a client at \"{peer}\" {what}"));
            steps.extend(behind.iter().map(|step| format!("When {step}")));
            steps.extend(self.of_flood(visit));
            return;
        }
        let mut standing = Standing::default();
        let mut before: Vec<String> = Vec::new();
        let together = visit.kept && visit.asks.len() > 1;
        let all: Vec<(Wire, Sent)> = visit.wires().zip(visit.sent()).collect();
        for (number, (ask, (wire, sent))) in visit.asks.iter().zip(&all).enumerate() {
            let judged = self.judged(sent, &mut standing);
            if together {
                before.push(self.whole(wire, ask));
                if number + 1 < visit.asks.len() {
                    continue;
                }
                let text = before.join("\n---\n");
                let port = ask.port;
                steps.push(format!(
                    "When a client at \"{peer}\" sends on one connection to port {port}:\n{}",
                    quoted(&text)
                ));
            } else {
                steps.push(format!("When a client at \"{peer}\" {}", self.stimulus(wire, ask)));
            }
            steps.extend(behind.iter().map(|step| format!("When {step}")));
            let expected = self.expected(&judged, sent);
            steps.extend(
                expected
                    .iter()
                    .enumerate()
                    .map(|(at, one)| format!("{} {one}", if at == 0 { "Then" } else { "And" })),
            );
        }
    }

    /// What may come of a request, of which the first does.
    pub(super) fn judged(&self, sent: &Sent, standing: &mut Standing) -> Vec<Judged> {
        let all = judge_request(self.policy, self.meanings, APP_ID, (sent, Moment::default()), standing);
        all.iter().take(1).for_each(|first| standing.follow(first));
        all
    }

    /// Headers that something depends on.
    pub(super) fn headers(&self, wire: &Wire) -> Vec<(String, String)> {
        let apps = self.policy.rules.iter().flat_map(|rule| &rule.applications_spec);
        let hosts = apps.flat_map(|app| &app.api_spec.endpoints).any(|endpoint| endpoint.host != "*")
            || *self.kind == FindingKind::AuditSays("requestHost");
        let idle = |(name, value): &&(String, String)| {
            IDLE.contains(&(name.as_str(), value.as_str())) || name == "Host" && !hosts
        };
        wire.headers.iter().filter(|header| !idle(header)).cloned().collect()
    }

    fn stimulus(&self, wire: &Wire, ask: &Ask) -> String {
        let Wire { method, target, .. } = wire;
        let port = ask.port;
        let headers = self.headers(wire);
        let kind = headers.iter().find(|(name, _)| name == "Content-Type").map(|(_, value)| value);
        let altered = *self.kind == FindingKind::Altered;
        match (kind, headers.len()) {
            (None, 0) if !altered => format!("requests \"{method} {target}\" on port {port}"),
            (None, _) if !altered => {
                let rows: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), cell(value))).collect();
                format!(
                    "requests \"{method} {target}\" on port {port} with headers:\n{}",
                    aligned_pairs(&rows)
                )
            }
            (Some(kind), 2) if ask.packing.is_some() => {
                let coding = ask.packing.map_or("", Packing::word);
                let body = ask.wire_body().replace("\r\n", "\n");
                format!(
                    "sends \"{method} {target}\" on port {port} as \"{kind}\" in {coding}:\n{}",
                    quoted(&body)
                )
            }
            (Some(kind), 1) if !altered => {
                let body = ask.wire_body().replace("\r\n", "\n");
                format!("sends \"{method} {target}\" on port {port} as \"{kind}\":\n{}", quoted(&body))
            }
            _ => format!("sends on one connection to port {port}:\n{}", quoted(&self.whole(wire, ask))),
        }
    }

    /// A request as it stands.
    fn whole(&self, wire: &Wire, ask: &Ask) -> String {
        let headers = self.headers(wire);
        let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        let head = format!("{} {} HTTP/1.1\n{lines}", wire.method, wire.target);
        let body = ask.wire_body().replace("\r\n", "\n");
        if body.is_empty() { head.trim_end().to_owned() } else { format!("{head}\n{body}") }
    }

    fn expected(&self, judged: &[Judged], sent: &Sent) -> Vec<String> {
        let Some(first) = judged.first() else { return Vec::new() };
        let mut all = Vec::new();
        let own = odd_answer(sent.path()).map(|odd| odd.status);
        let status = match &first.answer {
            Answer::OfApp => own.unwrap_or(200),
            Answer::Page { status, .. } => *status,
            Answer::Nothing => {
                all.push("the server refused the connection".to_owned());
                0
            }
        };
        let is_page = matches!(&first.answer, Answer::Page { own: None, .. });
        if is_page && first.event_id == Some(true) && sent.method != "HEAD" {
            all.push("the response is the block page".to_owned());
        } else if status > 0 {
            all.push(format!("the response has status {status}"));
        }
        let saw = if first.reaches_app { "the app saw the request" } else { "the app never saw the request" };
        all.push(saw.to_owned());
        if *self.kind == FindingKind::Altered && first.answer == Answer::OfApp && own.is_none() {
            all.push("the app got the body as it was sent".to_owned());
        }
        if *self.kind == FindingKind::CameToSomethingElse {
            match first.event_id {
                Some(true) => all.push("the response has an event id".to_owned()),
                Some(false) => all.push("the response has no header \"X-Prisma-Event-Id\"".to_owned()),
                None => {}
            }
            if first.answer == Answer::OfApp {
                all.push(format!("the answer equals what the app itself sends on port {APP_PORT}"));
            }
        }
        all.extend(header_of_answer(self.kind, first));
        // Where the order of protections is not documented, nor is what is told.
        let same = judged.iter().all(|one| one.audits.len() == first.audits.len());
        match first.audits.as_slice() {
            [] if same => all.push("no audit tells of it".to_owned()),
            [one] if judged.len() == 1 => {
                let rows = self.members(one, first, status, sent);
                let rows: Vec<_> = rows.iter().map(|(name, value)| (*name, value.clone())).collect();
                all.push(format!("exactly one audit tells of it:\n{}", aligned_pairs(&rows)));
                if *self.kind == FindingKind::AuditSays("eventID") {
                    all.push("the event id of the response is in the audit".to_owned());
                }
            }
            several if same => all.push(format!("{} audits tell of it", several.len())),
            _ => {}
        }
        all
    }

    /// The clauses by which the last request of a visit was decided.
    pub(super) fn clauses(&self, visit: &Visit) -> Vec<&'static str> {
        let mut standing = Standing::default();
        let mut last = Vec::new();
        for sent in visit.sent() {
            let Some(judged) = self.judged(&sent, &mut standing).into_iter().next() else { continue };
            last = judged.trail.ids().to_vec();
        }
        // What was found says more than what became of it.
        if let Some(about) = clause_of_header(self.kind, &last) {
            return vec![about];
        }
        let about = last
            .iter()
            .rfind(|id| id.starts_with("request.") && !CONSEQUENCES.contains(id) && !is_of_header(id));
        about.or_else(|| CONSEQUENCES.iter().find(|id| last.contains(id))).copied().into_iter().collect()
    }
}

/// Clauses that most requests come by, those first that say most.
const CONSEQUENCES: [&str; 21] = [
    "request.banned",
    "request.api-conforms",
    "request.protection-off",
    "request.header-fine",
    "request.header-absent",
    "request.client-unlisted",
    "request.benign",
    "request.api-fine",
    "request.api-optional",
    "request.api-behind-base",
    "request.api-off",
    "request.own-page",
    "request.bans",
    "request.prevented",
    "request.alerted",
    "request.passes",
    "request.event-id",
    "request.no-event-id",
    "request.first-app",
    "request.later-app",
    "request.first-rule",
];

fn sent(batch: &Batch) -> impl Iterator<Item = Sent> + '_ {
    let visits = batch.trials.iter().filter_map(|trial| visit_of(trial));
    visits.flat_map(|visit| visit.sent().collect::<Vec<_>>())
}

/// The visit that a trial is, if it is one.
pub(super) fn visit_of(trial: &Trial) -> Option<&Visit> {
    match &trial.what {
        What::Visit(visit) => Some(visit),
        _ => None,
    }
}

/// The title of a visit, by what its last request has in it.
pub(super) fn title(visit: &Visit) -> String {
    let Some(ask) = visit.asks.last() else { return String::new() };
    if visit.repeated().is_some() {
        return format!("{} {}, {} times", ask.method, ask.path, visit.asks.len());
    }
    let what = match ask.carried.first() {
        Some(one) => {
            let what = if one.is_attack { "An attack" } else { "Harmless text" };
            format!("{what} in the {}, `{}`", one.seat.word(), one.text().replace('`', "'"))
        }
        None => match &ask.call {
            Some(call) => format!("{} {}, {}", ask.method, call.path, call.what),
            None => format!("{} {}", ask.method, ask.path),
        },
    };
    let what = if ask.files.is_empty() { what } else { format!("{what}, with files") };
    if visit.asks.len() > 1 { format!("{what}, behind another request") } else { what }
}

/// A text in a table.
pub(super) fn cell(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|")
}
