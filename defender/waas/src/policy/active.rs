//! The policy in force.

use super::endpoint::Covers;
use super::{App, PolicyError, endpoint, scope};
use proofhouse_protocol::WaasPolicy;
use proofhouse_protocol::waas_policy::Endpoint;
use rustls::ServerConfig;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The first rule in scope, by port.
#[derive(Debug, Default)]
pub(crate) struct Active {
    apps: Vec<Arc<App>>,
    ports: BTreeMap<u16, Port>,
}

/// What is known of an exposed port as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Port {
    /// Whether one of its endpoints serves HTTP/2.
    pub(crate) http2: bool,
    /// Whether the rule allows malformed header names (`allowMalformedHttpHeaderNames`).
    pub(crate) lenient_names: bool,
    /// Where plain requests go that match no endpoint: to the app of the first endpoint without TLS. There is none where
    /// every endpoint has TLS: then nothing plain is served.
    pub(crate) plain: Option<Target>,
    /// The same of requests on encrypted connections.
    pub(crate) encrypted: Option<Target>,
}

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Target {
    /// Port of the app; 0 if the policy names none that could be meant.
    pub(crate) port: u16,
    /// What the app speaks, without TLS.
    pub(crate) speech: Speech,
}

/// What an app speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Speech {
    /// HTTP/1.1.
    #[default]
    Http1,
    /// HTTP/2 or HTTP/1.1, which it is to be asked (`http2`).
    Either,
    /// HTTP/2, as gRPC is nothing else (`grpc`).
    Http2,
}

impl Speech {
    /// That of the app behind an endpoint.
    fn of(endpoint: &Endpoint) -> Self {
        match endpoint {
            Endpoint { grpc: true, .. } => Self::Http2,
            Endpoint { http2: true, .. } => Self::Either,
            _ => Self::Http1,
        }
    }
}

/// The decision of routing.
#[derive(Debug)]
pub(crate) struct Route {
    /// Who inspects; nobody if no endpoint matches.
    pub(crate) app: Option<Arc<App>>,
    pub(crate) target: Target,
}

impl Active {
    /// Picks and compiles the first rule in scope that is not disabled.
    pub(crate) fn compile(policy: &WaasPolicy, app_id: &str) -> Result<Self, PolicyError> {
        let Some(rule) = policy.rules.iter().find(|rule| scope::applies(rule, app_id)) else {
            return Ok(Self::default());
        };
        let mut active = Self::default();
        let lenient_names =
            rule.extra.get("allowMalformedHttpHeaderNames").is_some_and(|value| value == true);
        for spec in &rule.applications_spec {
            let app = App::new(rule, spec, policy)?;
            for endpoint in &app.spec.api_spec.endpoints {
                // An app behind its own WAAS port would be the firewall itself, in a circle.
                let port =
                    if endpoint.internal_port == endpoint.exposed_port { 0 } else { endpoint.internal_port };
                let target = Target { port, speech: Speech::of(endpoint) };
                let known = active.ports.entry(endpoint.exposed_port);
                let known = known.or_insert(Port { lenient_names, ..Port::default() });
                known.http2 |= endpoint.http2 || endpoint.grpc;
                let fallback = if endpoint.tls { &mut known.encrypted } else { &mut known.plain };
                fallback.get_or_insert(target);
            }
            active.apps.push(Arc::new(app));
        }
        Ok(active)
    }

    /// Whether requests are searched for attacks at all.
    pub(crate) fn inspects(&self) -> bool {
        self.apps.iter().any(|app| !app.wanted.is_empty())
    }

    /// Ports to listen on.
    pub(crate) fn ports(&self) -> impl Iterator<Item = u16> + '_ {
        self.ports.keys().copied()
    }

    pub(crate) fn port(&self, port: u16) -> Option<Port> {
        self.ports.get(&port).copied()
    }

    /// TLS for a connection to that port whose client names that server: that of the first app with such an endpoint; else that of
    /// the port's first app with TLS.
    pub(crate) fn encryption(&self, port: u16, server_name: Option<&str>) -> Option<Arc<ServerConfig>> {
        let on_port = |app: &&Arc<App>| {
            let mut endpoints = app.spec.api_spec.endpoints.iter();
            endpoints.any(|endpoint| endpoint.tls && endpoint.exposed_port == port)
        };
        let named = |app: &&Arc<App>| {
            let mut endpoints =
                app.spec.api_spec.endpoints.iter().filter(|endpoint| endpoint.exposed_port == port);
            server_name.is_some_and(|name| {
                endpoints.any(|endpoint| endpoint.tls && endpoint::has_host(endpoint, name))
            })
        };
        let mut apps = self.apps.iter().filter(on_port);
        let app = apps.clone().find(named).or_else(|| apps.next())?;
        app.encryption.clone()
    }

    /// The first app that covers the request; `None` if the port is not exposed (any more), or not to requests like this.
    ///
    /// A path that only some applications read so leads to an app before those that it surely belongs to where both forward to one
    /// application, or none is sure: then it is inspected, and goes where it would have gone.
    pub(crate) fn route(&self, port: u16, encrypted: bool, host: &str, path: &str) -> Option<Route> {
        let known = self.ports.get(&port)?;
        let fallback = if encrypted { known.encrypted } else { known.plain }?;
        let mut perhaps: Option<Route> = None;
        for app in &self.apps {
            for endpoint in &app.spec.api_spec.endpoints {
                if endpoint.exposed_port != port || endpoint.tls != encrypted {
                    continue;
                }
                let Some(covers) = endpoint::covers(endpoint, host, path) else { continue };
                let internal = if endpoint.internal_port == port { 0 } else { endpoint.internal_port };
                let target = Target { port: internal, speech: Speech::of(endpoint) };
                let route = Route { app: Some(Arc::clone(app)), target };
                match covers {
                    Covers::Surely => {
                        let same = perhaps.filter(|perhaps| perhaps.target == target);
                        return Some(same.unwrap_or(route));
                    }
                    Covers::Perhaps => perhaps = perhaps.or(Some(route)),
                }
            }
        }
        Some(perhaps.unwrap_or(Route { app: None, target: fallback }))
    }

    /// Whether APIs are learned from requests of that app.
    pub(crate) fn learns(&self, app_id: &str) -> bool {
        self.apps.iter().any(|app| app.learns && app.spec.app_id == app_id)
    }

    /// Whether an app of that id stands in both policies, unchanged.
    pub(crate) fn keeps(&self, former: &Self, app_id: &str) -> bool {
        let find = |active: &Self| active.apps.iter().find(|app| app.spec.app_id == app_id).cloned();
        match (find(self), find(former)) {
            (Some(new), Some(old)) => new.spec == old.spec && new.rule_name == old.rule_name,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy(rules: serde_json::Value) -> WaasPolicy {
        serde_json::from_value(json!({"rules": rules})).unwrap()
    }

    fn rule(name: &str, disabled: bool, app_ids: &[&str]) -> serde_json::Value {
        json!({"name": name, "disabled": disabled, "collections": [{"name": "c", "appIDs": app_ids}],
            "applicationsSpec": [
                {"appID": format!("{name}-a"), "apiSpec": {"endpoints": [
                    {"host": "a.example.site", "basePath": "*", "exposedPort": 80, "internalPort": 8080},
                    {"exposedPort": 81, "internalPort": 8081}]}},
                {"appID": format!("{name}-b"), "apiSpec": {"endpoints": [
                    {"basePath": "/b/*", "exposedPort": 80, "internalPort": 9090, "http2": true}]}}]})
    }

    fn app_of(active: &Active, port: u16, host: &str, path: &str) -> (Option<String>, u16) {
        let route = active.route(port, false, host, path).unwrap();
        (route.app.map(|app| app.spec.app_id.clone()), route.target.port)
    }

    #[test]
    fn the_first_rule_in_scope_decides() {
        let rules = json!([
            rule("off", true, &["*"]),
            rule("other", false, &["other*"]),
            rule("mine", false, &["task*"]),
            rule("late", false, &["*"])
        ]);
        let active = Active::compile(&policy(rules), "task:1").unwrap();
        assert_eq!(app_of(&active, 81, "x", "/").0.unwrap(), "mine-a");
        assert_eq!(active.ports().collect::<Vec<_>>(), [80, 81]);
        assert!(active.port(80).unwrap().http2);
        assert!(!active.port(81).unwrap().http2);
        assert_eq!(Active::compile(&policy(json!([])), "task:1").unwrap().ports().count(), 0);
    }

    #[test]
    fn apps_share_a_port_and_the_first_match_decides() {
        let active = Active::compile(&policy(json!([rule("r", false, &["*"])])), "t").unwrap();
        assert_eq!(app_of(&active, 80, "a.example.site", "/b/x"), (Some("r-a".into()), 8080));
        assert_eq!(app_of(&active, 80, "b.example.site", "/b/x"), (Some("r-b".into()), 9090));
        assert_eq!(app_of(&active, 80, "b.example.site", "/c"), (None, 8080));
        assert!(active.route(82, false, "x", "/").is_none());
        // Where another application is surely meant, it gets the request.
        assert_eq!(app_of(&active, 80, "a.example.site", "/B/x"), (Some("r-a".into()), 8080));
        assert_eq!(app_of(&active, 80, "b.example.site", "/B/x"), (Some("r-b".into()), 9090));
    }
}
