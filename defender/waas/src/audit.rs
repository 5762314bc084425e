//! From a finding to an audit (section 1.5 of `waas.md`).

use crate::WaasConfig;
use crate::client_address::Client;
use crate::finding::Finding;
use crate::policy::App;
use hyper::HeaderMap;
use hyper::http::request::Parts;
use jiff::Timestamp;
use proofhouse_protocol::FirewallAudit;
use proofhouse_protocol::audit::AuditResource;
use std::sync::atomic::{AtomicUsize, Ordering};

/// MITRE techniques that the product gives for local file inclusion, and we for every injection.
const TECHNIQUES: [&str; 2] = ["exploitPublicFacingApplication", "applicationExploitRCE"];

/// Bytes that an audit tells of a text that the client decided on, and of the head of the request.
const LONGEST_TEXT: usize = 4 << 10;
const LONGEST_HEAD: usize = 16 << 10;

/// Bytes that the audits of one request tell of such texts together; those that come then tell the beginning of each.
const LONGEST_IN_ALL: usize = 64 << 10;
const LONGEST_BEGINNING: usize = 256;

/// How much of a request is told in its audits: as many as there are rules that find something.
#[derive(Debug, Default)]
pub(crate) struct Told(AtomicUsize);

impl Told {
    /// Cuts what the client decided on.
    pub(crate) fn shorten(&self, audit: &mut FirewallAudit) {
        let full = self.0.load(Ordering::Relaxed) < LONGEST_IN_ALL;
        let longest = |length: usize| if full { length } else { LONGEST_BEGINNING };
        let texts = [
            &mut audit.url,
            &mut audit.url_path,
            &mut audit.url_query,
            &mut audit.method,
            &mut audit.user_agent_header,
            &mut audit.request_host,
            &mut audit.attack_field.key,
        ];
        let mut told = 0;
        for text in texts {
            told += cut(text, longest(LONGEST_TEXT));
        }
        told += cut(&mut audit.request_headers, longest(LONGEST_HEAD));
        let mut room = longest(LONGEST_TEXT);
        audit.request_header_names.retain_mut(|name| {
            let before = room;
            room -= cut(name, before);
            before > 0
        });
        told += longest(LONGEST_TEXT) - room;
        self.0.fetch_add(told, Ordering::Relaxed);
    }
}

/// Cuts a text to whole characters, and tells the length that is left.
fn cut(text: &mut String, longest: usize) -> usize {
    if text.len() > longest {
        let end = (0..=longest).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.shrink_to_fit();
    }
    text.len()
}

/// Everything about a request that its audits tell.
pub(crate) struct Scene<'a> {
    pub(crate) config: &'a WaasConfig,
    pub(crate) app: &'a App,
    pub(crate) request: &'a Parts,
    pub(crate) host: &'a str,
    pub(crate) client: &'a Client,
    pub(crate) event_id: &'a str,
}

impl Scene<'_> {
    /// The audit of a finding.
    pub(crate) fn audit(&self, found: &Finding) -> FirewallAudit {
        let (owasp, techniques) = if found.protection == "firewall" && found.kind != crate::api::KIND {
            ("injection", TECHNIQUES.map(str::to_owned).to_vec())
        } else {
            ("", Vec::new())
        };
        let cloud = &self.config.cloud;
        let headers = &self.request.headers;
        let uri = &self.request.uri;
        let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let text = |name: &str| {
            headers
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .unwrap_or_default()
        };
        FirewallAudit {
            id: None,
            time: Timestamp::now(),
            version: known(&self.config.version),
            count: 1,
            kind: found.kind.to_owned(),
            effect: found.effect,
            rule_name: self.app.rule_name.clone(),
            rule_app_id: self.app.spec.app_id.clone(),
            msg: found.message.clone(),
            host: true,
            hostname: self.config.app_id.clone(),
            app_id: self.config.app_id.clone(),
            firewall_type: "app-embedded".to_owned(),
            protection: found.protection.to_owned(),
            event_id: self.event_id.to_owned(),
            url: format!("{}{}", self.host, uri.path()),
            url_path: uri.path().to_owned(),
            url_query: uri.query().unwrap_or_default().to_owned(),
            method: self.request.method.to_string(),
            user_agent_header: text("user-agent"),
            request_host: self.host.to_owned(),
            request_headers: self.head(),
            request_header_names: names(headers, Some("host")),
            response_header_names: Vec::new(),
            status_code: None,
            subnet: self.client.address.to_string(),
            connecting_ips: self.client.chain.clone(),
            country: self.client.origin.country().map(str::to_owned),
            attack_field: found.field.clone(),
            attack_techniques: techniques,
            owasp_top10: owasp.to_owned(),
            resource: AuditResource {
                app_ids: vec![self.config.app_id.clone()],
                account_ids: known(&cloud.account_id).into_iter().collect(),
            },
            collections: None,
            provider: known(&cloud.provider),
            account_id: known(&cloud.account_id),
            region: known(&cloud.region),
            cluster: known(&cloud.cluster),
        }
    }

    /// The request line, `Host`, and the other headers by name, joined by CR LF.
    fn head(&self) -> String {
        let target = self.request.uri.path_and_query().map_or("/", |target| target.as_str());
        let mut head = format!("{} {target} {:?}", self.request.method, self.request.version);
        let mut line = |name: &str, value: &str| {
            for piece in ["\r\n", name, ": ", value] {
                head.push_str(piece);
            }
        };
        if !self.host.is_empty() {
            line("Host", self.host);
        }
        let headers = self.request.headers.iter().filter(|(name, _)| name.as_str() != "host");
        let mut headers: Vec<_> = headers.map(|(name, value)| (canonical(name.as_str()), value)).collect();
        headers.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, value) in headers {
            line(&name, &String::from_utf8_lossy(value.as_bytes()));
        }
        head
    }
}

/// Sorted names, each once, in canonical case.
pub(crate) fn names(headers: &HeaderMap, without: Option<&str>) -> Vec<String> {
    let mut names: Vec<String> = headers
        .keys()
        .filter(|name| Some(name.as_str()) != without)
        .map(|name| canonical(name.as_str()))
        .collect();
    names.sort();
    names
}

/// `user-agent` as `User-Agent`.
pub(crate) fn canonical(name: &str) -> String {
    let mut start = true;
    name.chars()
        .map(|c| {
            let c = if start { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
            start = c == '-';
            c
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn audit(text: &str) -> FirewallAudit {
        let audit = json!({"time": "2026-01-02T03:04:05Z", "type": "sqli", "effect": "alert", "msg": "m", "ruleName": "r",
            "url": text, "urlPath": text, "urlQuery": text, "method": "GET", "requestHeaders": text,
            "requestHeaderNames": ["A".repeat(3000), "B".repeat(3000), "C"],
            "attackField": {"type": "query", "key": text, "value": "v"}});
        serde_json::from_value(audit).unwrap()
    }

    #[test]
    fn what_a_client_decides_on_is_cut_to_whole_characters() {
        let mut long = audit(&"\u{20ac}".repeat(20_000));
        Told::default().shorten(&mut long);
        let lengths = [&long.url, &long.url_path, &long.url_query, &long.attack_field.key].map(String::len);
        assert_eq!(lengths, [LONGEST_TEXT - 1; 4]);
        assert_eq!((long.request_headers.len(), long.method.as_str()), (LONGEST_HEAD - 1, "GET"));
        let names: Vec<usize> = long.request_header_names.iter().map(String::len).collect();
        assert_eq!(names, [3000, LONGEST_TEXT - 3000]);
    }

    #[test]
    fn what_is_short_stays() {
        let (told, mut short) = (Told::default(), audit("GET /"));
        short.request_header_names.truncate(1);
        let before = short.clone();
        for _ in 0..10 {
            told.shorten(&mut short);
        }
        assert_eq!(short, before);
    }

    #[test]
    fn many_audits_of_one_request_tell_beginnings() {
        let told = Told::default();
        let taken = (0..1000).map(|_| {
            let mut audit = audit(&"x".repeat(100_000));
            told.shorten(&mut audit);
            audit.request_headers.len()
        });
        let taken: Vec<usize> = taken.collect();
        assert_eq!((taken[0], taken[999]), (LONGEST_HEAD, LONGEST_BEGINNING));
        assert!(taken.iter().sum::<usize>() < 2 * LONGEST_IN_ALL + 1000 * LONGEST_BEGINNING);
    }
}
