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

/// MITRE techniques that the product gives for local file inclusion, and we for every injection.
const TECHNIQUES: [&str; 2] = ["exploitPublicFacingApplication", "applicationExploitRCE"];

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
        let mut lines = vec![format!("{} {target} {:?}", self.request.method, self.request.version)];
        if !self.host.is_empty() {
            lines.push(format!("Host: {}", self.host));
        }
        let mut headers: Vec<(String, String)> = self
            .request
            .headers
            .iter()
            .filter(|(name, _)| name.as_str() != "host")
            .map(|(name, value)| {
                (canonical(name.as_str()), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        headers.sort_by(|a, b| a.0.cmp(&b.0));
        lines.extend(headers.into_iter().map(|(name, value)| format!("{name}: {value}")));
        lines.join("\r\n")
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
