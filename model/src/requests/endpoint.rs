//! Which rule and which app a request belongs to (section 2.2).

use super::Sent;
use crate::Trail;
use crate::scope::app_id_covers;
use proofhouse_protocol::WaasPolicy;
use proofhouse_protocol::waas_policy::{ApplicationSpec, Endpoint, WaasRule};

/// W3, W5, W6: the first rule that is not disabled and whose scope covers the task. Only App IDs count.
pub(super) fn first_rule<'p>(
    policy: &'p WaasPolicy,
    app_id: &str,
    trail: &mut Trail,
) -> Option<&'p WaasRule> {
    for rule in &policy.rules {
        if rule.disabled {
            trail.through("request.disabled-rule");
        } else if rule.collections.iter().any(|one| app_id_covers(&one.app_ids, app_id, trail)) {
            trail.through("request.first-rule");
            return Some(rule);
        } else {
            trail.through("request.rule-of-others");
        }
    }
    None
}

/// W7, W11: the first app one of whose endpoints the request belongs to.
pub(super) fn first_app<'p>(
    rule: &'p WaasRule,
    sent: &Sent,
    trail: &mut Trail,
) -> Option<&'p ApplicationSpec> {
    let mut of_port = 0;
    for app in &rule.applications_spec {
        let mut endpoints = app.api_spec.endpoints.iter().filter(|one| one.exposed_port == sent.port);
        of_port += 1;
        if endpoints.any(|endpoint| covers(endpoint, sent, trail)) {
            trail.through(if of_port > 1 { "request.later-app" } else { "request.first-app" });
            return Some(app);
        }
    }
    None
}

/// W1, W11: whether an endpoint of a rule exposes a port.
pub(super) fn exposes(rule: &WaasRule, port: u16) -> bool {
    let mut endpoints = rule.applications_spec.iter().flat_map(|app| &app.api_spec.endpoints);
    endpoints.any(|endpoint| endpoint.exposed_port == port)
}

/// All endpoints of an app that a request belongs to.
pub(super) fn covering<'p>(app: &'p ApplicationSpec, sent: &Sent) -> Vec<&'p Endpoint> {
    let of_port = app.api_spec.endpoints.iter().filter(|one| one.exposed_port == sent.port);
    of_port.filter(|endpoint| covers(endpoint, sent, &mut Trail::default())).collect()
}

fn covers(endpoint: &Endpoint, sent: &Sent, trail: &mut Trail) -> bool {
    if !covers_host(&endpoint.host, sent.header("host").unwrap_or_default(), trail) {
        trail.through("request.other-host");
        return false;
    }
    let covered = covers_path(&endpoint.base_path, sent.path(), trail);
    if !covered {
        trail.through("request.other-path");
    }
    covered
}

/// W8, W9. Case, the port and the dot of the root do not count (the last two: choices).
fn covers_host(pattern: &str, host: &str, trail: &mut Trail) -> bool {
    if pattern == "*" {
        return true;
    }
    let lower = host.to_lowercase();
    let name = match lower.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => &lower,
    };
    let name = name.trim_end_matches('.');
    let pattern = pattern.to_lowercase();
    let covered = match pattern.strip_prefix('*') {
        Some(end) => name.len() > end.len() && name.ends_with(end),
        None => name == pattern,
    };
    if covered {
        trail.through(if pattern.starts_with('*') { "request.host-below" } else { "request.host" });
        if name != host {
            trail.through("request.host-spelling");
        }
    }
    covered
}

/// W10: without a star a base path is that path alone.
fn covers_path(base: &str, path: &str, trail: &mut Trail) -> bool {
    match base.strip_suffix('*') {
        Some("") => true,
        Some(start) => {
            let covered = path.starts_with(start);
            if covered {
                trail.through("request.path-below");
            }
            covered
        }
        None => {
            let covered = base.is_empty() || path == base;
            if covered {
                trail.through("request.path");
            }
            covered
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// W8, W9.
    #[test]
    fn hosts() {
        for (pattern, host, expected) in [
            ("*", "anything", true),
            ("a.example.site", "A.Example.Site:80", true),
            ("a.example.site", "a.example.site.", true),
            ("a.example.site", "aa.example.site", false),
            ("*.example.site", "a.b.example.site", true),
            ("*.example.site", "example.site", false),
            ("*.example.site", "badexample.site", false),
        ] {
            assert_eq!(covers_host(pattern, host, &mut Trail::default()), expected, "{pattern} {host}");
        }
    }

    /// W10.
    #[test]
    fn paths() {
        for (base, path, expected) in [
            ("*", "/x", true),
            ("/admin", "/admin", true),
            ("/admin", "/admin/x", false),
            ("/admin/*", "/admin/x", true),
            ("/admin/*", "/adminx", false),
            ("/", "/", true),
            ("/", "/x", false),
        ] {
            assert_eq!(covers_path(base, path, &mut Trail::default()), expected, "{base} {path}");
        }
    }
}
