//! Base paths of endpoints, to which resources are appended.

use super::protection::MOST_SEGMENTS;
use crate::policy::{covers_path, has_host};
use proofhouse_protocol::waas_policy::Endpoint;

/// An endpoint with the segments of its base path.
#[derive(Debug)]
pub(super) struct Base {
    endpoint: Endpoint,
    lower: String,
    segments: Vec<Vec<u8>>,
}

impl Base {
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        let path = endpoint.base_path.trim_end_matches('*').trim_matches('/');
        let segments = path.split('/').filter(|_| !path.is_empty());
        Self {
            lower: endpoint.base_path.to_ascii_lowercase(),
            segments: segments.map(|segment| segment.as_bytes().to_vec()).collect(),
            endpoint: endpoint.clone(),
        }
    }

    /// Whether it is short enough.
    pub(super) fn may_be_asked_for(&self) -> bool {
        self.segments.len() <= MOST_SEGMENTS
    }

    /// Whether requests come here by that port, encryption and host.
    pub(super) fn is_entered(&self, port: u16, encrypted: bool, host: &str) -> bool {
        let endpoint = &self.endpoint;
        endpoint.exposed_port == port && endpoint.tls == encrypted && has_host(endpoint, host)
    }

    /// Whether some application reads a path with these segments as one below.
    pub(super) fn may_cover(&self, segments: &[Vec<u8>]) -> bool {
        let path: Vec<u8> = segments.iter().flat_map(|segment| [b"/", segment.as_slice()].concat()).collect();
        covers_path(&self.lower, &String::from_utf8_lossy(&path).to_ascii_lowercase())
    }

    /// The segments of the resource; `/` is the base path itself.
    pub(super) fn resource<'s>(&self, segments: &'s [Vec<u8>]) -> Option<&'s [Vec<u8>]> {
        segments.strip_prefix(self.segments.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn base(path: &str) -> Base {
        Base::of(
            &serde_json::from_value(json!({"exposedPort": 80, "basePath": path, "host": "a.test"})).unwrap(),
        )
    }

    fn split(path: &str) -> Vec<Vec<u8>> {
        path[1..].split('/').map(|segment| segment.as_bytes().to_vec()).collect()
    }

    #[test]
    fn resources_stand_behind_the_base_path() {
        for (path, request, resource) in [
            ("*", "/pet", Some("pet")),
            ("/*", "/pet/7", Some("pet/7")),
            ("/api/v2/*", "/api/v2/pet", Some("pet")),
            ("/api/v2*", "/api/v2/pet", Some("pet")),
            ("/api/v2/*", "/api/v2/", Some("")),
            ("/admin", "/admin", Some("")),
            ("/", "/", Some("")),
            ("/api/*", "/API/pet", None),
            ("/adm*", "/administrator/pet", None),
        ] {
            let (base, segments) = (base(path), split(request));
            assert!(base.may_cover(&segments), "{path} {request}");
            let found = base.resource(&segments).map(|rest| String::from_utf8(rest.join(&b'/')).unwrap());
            assert_eq!(found.as_deref(), resource, "{path} {request}");
        }
        for (path, request) in [("/api/*", "/other"), ("/api/*", "/api"), ("/", "/x"), ("/admin", "/admin/")]
        {
            assert!(!base(path).may_cover(&split(request)), "{path} {request}");
        }
    }

    #[test]
    fn entrances_differ_by_port_encryption_and_host() {
        let base = base("*");
        assert!(base.is_entered(80, false, "A.test:80"));
        assert!(!base.is_entered(81, false, "a.test"));
        assert!(!base.is_entered(80, true, "a.test"));
        assert!(!base.is_entered(80, false, "b.test"));
    }
}
