//! What the audits of a stimulus say as a whole: members and values of the schema, and the event id of the answer.

use super::attribution::Attribution;
use super::audit::AuditView;
use super::evidence::Evidence;
use super::exchange::{self, EVENT_ID_HEADER};
use super::outcome::Conclusion;
use proofhouse_protocol::audit::RUNTIME_ATTACK_TYPES;
use proofhouse_protocol::observation::{Blame, Pipeline, Plane};
use proofhouse_protocol::{FirewallAudit, RuntimeAudit};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Members of `shared.RuntimeAudit` (34.04), section 2.4 of `runtime-and-embed.md`.
const RUNTIME_MEMBERS: &[&str] = &[
    "_id",
    "time",
    "version",
    "count",
    "severity",
    "rawEvent",
    "err",
    "type",
    "attackType",
    "attackTechniques",
    "effect",
    "ruleName",
    "msg",
    "hostname",
    "fqdn",
    "appID",
    "app",
    "profileId",
    "container",
    "containerName",
    "containerId",
    "imageName",
    "imageId",
    "namespace",
    "label",
    "labels",
    "os",
    "collections",
    "provider",
    "accountID",
    "region",
    "cluster",
    "resourceID",
    "vmID",
    "user",
    "pid",
    "processPath",
    "command",
    "interactive",
    "domain",
    "ip",
    "port",
    "country",
    "filepath",
    "md5",
    "wildFireReportURL",
    "function",
    "functionID",
    "requestID",
    "runtime",
    "additionalHash",
    "modelPath",
];

/// Members of `shared.AppFirewallAudit` (34.04), section 1.5 of `waas.md`.
const FIREWALL_MEMBERS: &[&str] = &[
    "_id",
    "time",
    "hostname",
    "fqdn",
    "effect",
    "ruleName",
    "ruleAppID",
    "msg",
    "host",
    "containerName",
    "containerId",
    "imageName",
    "imageID",
    "appID",
    "type",
    "count",
    "region",
    "version",
    "accountID",
    "provider",
    "cloudProviderName",
    "prismaAccountID",
    "prismaCloudProvider",
    "prismaRegion",
    "cluster",
    "collections",
    "resource",
    "url",
    "urlPath",
    "urlQuery",
    "method",
    "userAgentHeader",
    "requestHost",
    "requestHeaders",
    "requestHeaderNames",
    "responseHeaderNames",
    "statusCode",
    "subnet",
    "connectingIPs",
    "country",
    "attackTechniques",
    "attackField",
    "protection",
    "firewallType",
    "eventID",
    "owaspTop10",
    "owaspAPITop10",
    "labels",
    "os",
    "ns",
    "profileId",
    "modelPath",
    "additionalHash",
    "function",
    "functionID",
    "requestID",
    "rawEvent",
    "runtime",
    "workloadAssetType",
    "workloadExternalResourceID",
];

pub(super) fn of<'a>(evidence: Evidence<'a>, token: &str) -> Result<Vec<AuditView<'a>>, Conclusion> {
    let attribution = Attribution::new(evidence.records());
    let own: Vec<_> = attribution
        .iter()
        .filter(|(_, cause)| cause.is_some_and(|cause| cause.token == token))
        .map(|(audit, _)| *audit)
        .collect();
    if !own.is_empty() {
        return Ok(own);
    }
    let stimulus = evidence.named(token);
    if evidence.began(token).is_none() {
        return Err(Conclusion::unproved(format!("stimulus {stimulus} did not run")));
    }
    Err(match evidence.fence_behind(&Pipeline::Audits, token) {
        Ok(fence) => {
            Conclusion::broken(Blame::Defender, format!("expected an audit of stimulus {stimulus}, saw none"))
                .on([fence])
        }
        Err(why) => {
            Conclusion::unproved(format!("no audit of stimulus {stimulus} has arrived so far, but {why}"))
        }
    })
}

/// Every member of each audit is one of the published schema, with a value that the schema allows.
pub(super) fn schema(evidence: Evidence<'_>, token: &str) -> Conclusion {
    let audits = match of(evidence, token) {
        Ok(audits) => audits,
        Err(conclusion) => return conclusion,
    };
    let on = audits.iter().map(|audit| audit.record.sequence);
    let wrong: Vec<String> = audits.iter().flat_map(faults).collect();
    if wrong.is_empty() {
        return Conclusion::holds("every member and every value is one of the schema").on(on);
    }
    let said = format!("expected members and values of the schema; {}", wrong.join("; "));
    Conclusion::broken(Blame::Defender, said).on(on)
}

fn faults(view: &AuditView<'_>) -> Vec<String> {
    let known: &[&str] = match view.plane {
        Plane::Runtime => RUNTIME_MEMBERS,
        Plane::Firewall => FIREWALL_MEMBERS,
    };
    let members = view.audit.as_object().into_iter().flat_map(|members| members.keys());
    let mut wrong: Vec<String> = members
        .filter(|key| !known.contains(&key.as_str()))
        .map(|key| format!("the member `{key}` is not in the schema"))
        .collect();
    wrong.extend(match view.plane {
        Plane::Runtime => unreadable::<RuntimeAudit>(view.audit),
        Plane::Firewall => unreadable::<FirewallAudit>(view.audit),
    });
    let attack = view.text("attackType");
    if view.plane == Plane::Runtime && !RUNTIME_ATTACK_TYPES.contains(&attack) {
        wrong.push(format!("the attack type `{attack}` is not one of App-Embedded"));
    }
    for (member, words) in closed_sets(view.plane) {
        if let Some(value) =
            view.member(member).and_then(Value::as_str).filter(|value| !words.contains(value))
        {
            wrong.push(format!("the {member} `{value}` is none of {}", words.join(", ")));
        }
    }
    let time = view.text("time");
    if time.parse::<jiff::Timestamp>().is_err() || !time.ends_with('Z') {
        wrong.push(format!("the time `{time}` is not RFC 3339 in UTC"));
    }
    wrong
}

/// Members whose values are a closed set of the schema, beside those that the typed audit has.
fn closed_sets(plane: Plane) -> &'static [(&'static str, &'static [&'static str])] {
    match plane {
        Plane::Runtime => &[("severity", &["low", "medium", "high"])],
        Plane::Firewall => &[
            ("protection", &["firewall", "dos", "bot", "custom", "accessControl"]),
            (
                "firewallType",
                &[
                    "host-proxy",
                    "host-out-of-band",
                    "container-proxy",
                    "container-out-of-band",
                    "app-embedded",
                    "agentless",
                    "REST",
                ],
            ),
        ],
    }
}

fn unreadable<T: DeserializeOwned>(audit: &Value) -> Option<String> {
    serde_json::from_value::<T>(audit.clone()).err().map(|error| error.to_string())
}

/// The event id of the answer to a stimulus is that of its audits.
pub(super) fn event_id(evidence: Evidence<'_>, token: &str) -> Conclusion {
    let answer = match exchange::last(evidence, token) {
        Ok(answer) => answer,
        Err(conclusion) => return conclusion,
    };
    let audits = match of(evidence, token) {
        Ok(audits) => audits,
        Err(conclusion) => return conclusion,
    };
    let id = answer.header(EVENT_ID_HEADER).unwrap_or_default();
    let told: Vec<_> = audits.iter().map(|audit| audit.text("eventID")).collect();
    let said = format!("the answer has the event id `{id}`, the audit `{}`", told.join("`, `"));
    Conclusion::either(!id.is_empty() && told.iter().all(|own| *own == id), Blame::Defender, said)
        .on(audits.iter().map(|audit| audit.record.sequence).chain([answer.record.sequence]))
}
