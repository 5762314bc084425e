//! Which requests an endpoint covers (section 2.2 of `waas.md`).

use crate::transform::{Transform, percent_decode};
use proofhouse_protocol::waas_policy::Endpoint;

/// Whether a request for this host and path belongs to the endpoint; the port was compared already.
///
/// The path is looked at as sent and as the application will understand it: an encoded letter or a dot segment
/// must not lead around the inspection.
pub(super) fn covers(endpoint: &Endpoint, host: &str, path: &str) -> bool {
    covers_host(&endpoint.host, host)
        && (covers_path(&endpoint.base_path, path) || {
            let plain = resolved(path);
            covers_path(&endpoint.base_path, &plain)
        })
}

fn covers_host(pattern: &str, host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let pattern = pattern.to_ascii_lowercase();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host.as_str(),
    };
    pattern.is_empty() || glob(&pattern, name) || glob(&pattern, &host)
}

fn covers_path(base: &str, path: &str) -> bool {
    match base.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => base.is_empty() || base == path,
    }
}

fn resolved(path: &str) -> String {
    let mut decoded = Vec::new();
    if !percent_decode(path.as_bytes(), false, &mut decoded) {
        decoded = path.as_bytes().to_vec();
    }
    let mut normal = Vec::new();
    let path = if Transform::NormalizePath.apply(&decoded, &mut normal) { normal } else { decoded };
    String::from_utf8_lossy(&path).into_owned()
}

/// `*` stands for any text.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        assert!(covers_host("*", "anything:80"));
        assert!(covers_host("a.example.site", "A.example.site:8080"));
        assert!(covers_host("a.example.site:8080", "a.example.site:8080"));
        assert!(!covers_host("a.example.site", "b.example.site"));
        assert!(covers_host("*.example.site", "x.y.example.site"));
        assert!(!covers_host("*.example.site", "example.site"));
        assert!(covers_host("a*b*c", "aXbYc"));
        assert!(!covers_host("a*b*c", "aXc"));
        assert!(covers_host("[::1]", "[::1]:80"));
    }

    #[test]
    fn base_paths() {
        assert!(covers_path("*", "/x"));
        assert!(covers_path("/admin", "/admin"));
        assert!(!covers_path("/admin", "/admin/x"));
        assert!(covers_path("/admin/*", "/admin/x"));
        assert!(!covers_path("/admin/*", "/adminx"));
        assert!(covers_path("/", "/"));
        assert!(!covers_path("/", "/x"));
    }

    #[test]
    fn detours_are_seen() {
        let endpoint =
            serde_json::from_value(serde_json::json!({"exposedPort": 1, "basePath": "/admin/*"})).unwrap();
        for path in ["/admin/x", "/%61dmin/x", "/y/../admin/x", "//admin/./x"] {
            assert!(covers(&endpoint, "h", path), "{path}");
        }
        assert!(!covers(&endpoint, "h", "/y/admin"));
    }
}
