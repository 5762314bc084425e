//! Which requests an endpoint covers (section 2.2 of `waas.md`).

use crate::transform::{Transform, percent_decode};
use proofhouse_protocol::waas_policy::Endpoint;

/// How a path below the base path was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Covers {
    /// As it is, or encoded once, or with dot segments: every application reads it so.
    Surely,
    /// In a way that some applications read so: in another case, encoded twice, with backslashes, parameters of segments, or a zero byte.
    Perhaps,
}

/// Whether a request for this host and path belongs to the endpoint; the port was compared already.
///
/// The path is looked at as sent and in every way in which an application may understand it: an encoded letter or a dot segment
/// must not lead around the inspection.
pub(super) fn covers(endpoint: &Endpoint, host: &str, path: &str) -> Option<Covers> {
    if !covers_host(&endpoint.host, host) {
        return None;
    }
    let base = &endpoint.base_path;
    if covers_path(base, path) || covers_path(base, &resolved(&decoded(path.as_bytes()))) {
        return Some(Covers::Surely);
    }
    let base = base.to_ascii_lowercase();
    let perhaps = |reading: &PathReading| covers_path(&base, &reading.path.to_ascii_lowercase());
    readings(path).iter().any(perhaps).then_some(Covers::Perhaps)
}

/// Whether the endpoint is one of that host.
pub(crate) fn has_host(endpoint: &Endpoint, host: &str) -> bool {
    covers_host(&endpoint.host, host)
}

/// Without case, port, and the dot of the root.
fn plain_host(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host.as_str(),
    };
    name.trim_end_matches('.').to_owned()
}

fn covers_host(pattern: &str, host: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    let pattern = pattern.trim_end_matches('.');
    pattern.is_empty() || glob(pattern, &plain_host(host)) || glob(pattern, &host.to_ascii_lowercase())
}

pub(crate) fn covers_path(base: &str, path: &str) -> bool {
    match base.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => base.is_empty() || base == path,
    }
}

/// Times that a path is decoded; the first is every application's.
const DECODINGS: usize = 3;

/// In lower case, every way to read a path.
pub(crate) fn path_readings(path: &str) -> Vec<String> {
    let mut lower: Vec<String> = Vec::new();
    for reading in readings(path) {
        let path = reading.path.to_ascii_lowercase();
        if !lower.contains(&path) {
            lower.push(path);
        }
    }
    lower
}

/// One way to read a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathReading {
    /// With dot segments resolved.
    pub(crate) path: String,
    /// How often it was decoded.
    pub(crate) decodings: usize,
    /// Whether the parameters of its segments were taken away.
    pub(crate) bare: bool,
}

/// Each decoding resolved, with and without the parameters of its segments.
pub(crate) fn readings(path: &str) -> Vec<PathReading> {
    let mut readings: Vec<PathReading> = Vec::new();
    let mut text = path.as_bytes().to_vec();
    for decodings in 0..=DECODINGS {
        let slashes: Vec<u8> = text.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect();
        let cut = slashes.split(|byte| *byte == 0).next().unwrap_or_default();
        for (reading, bare) in
            [(slashes.as_slice(), false), (cut, false), (&without_parameters(&slashes), true)]
        {
            let path = resolved(reading);
            if !readings.iter().any(|known| known.path == path) {
                readings.push(PathReading { path, decodings, bare });
            }
        }
        let next = decoded(&text);
        if next == text {
            break;
        }
        text = next;
    }
    readings
}

/// Each segment up to its first semicolon.
fn without_parameters(path: &[u8]) -> Vec<u8> {
    let mut in_parameters = false;
    let bare = path.iter().filter(|byte| {
        in_parameters = **byte == b';' || in_parameters && **byte != b'/';
        !in_parameters
    });
    bare.copied().collect()
}

fn decoded(path: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    if percent_decode(path, false, &mut decoded) { decoded } else { path.to_vec() }
}

fn resolved(path: &[u8]) -> String {
    let mut normal = Vec::new();
    let path = if Transform::NormalizePath.apply(path, &mut normal) { &normal } else { path };
    String::from_utf8_lossy(path).into_owned()
}

/// `*` stands for any text.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
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
        for host in ["a.example.site.", "A.Example.site.:80", "a.example.site:", "a.example.site.:"] {
            assert!(covers_host("a.example.site", host), "{host}");
            assert!(covers_host("a.example.site.", host), "{host}");
            assert!(covers_host("*.example.site", host), "{host}");
        }
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
        for path in
            ["/admin/x", "/%61dmin/x", "/y/../admin/x", "//admin/./x", "/admin%2Fx", "/y/%2e%2e/admin/x"]
        {
            assert_eq!(covers(&endpoint, "h", path), Some(Covers::Surely), "{path}");
        }
        for path in [
            "/ADMIN/x",
            "/%2561dmin/x",
            "/%252561dmin/x",
            "/admin;v=1/x",
            "/y/..;/admin/x",
            "/y/..;a=b/admin/x",
            "\\admin\\x",
            "/admin%5Cx",
            "/admin%255cx",
            "/y/..%5cadmin/x",
            "/%41DMIN/x",
            "/admin/%00",
        ] {
            assert!(covers(&endpoint, "h", path).is_some(), "{path}");
        }
        for path in ["/y/admin", "/adminx/y", "/admi/n/x", "/admin;v=1", "/y;/admin"] {
            assert_eq!(covers(&endpoint, "h", path), None, "{path}");
        }
        let exact =
            serde_json::from_value(serde_json::json!({"exposedPort": 1, "basePath": "/Admin"})).unwrap();
        for path in ["/admin", "/Admin;x", "/x/..%2fADMIN", "/Admin%00.css"] {
            assert_eq!(covers(&exact, "h", path), Some(Covers::Perhaps), "{path}");
        }
        assert_eq!(covers(&exact, "h", "/Admin/x"), None);
    }
}
