//! Headers of answers (sections 2.7 and 2.13 of `waas.md`).
//!
//! Declared choices: these settings are off where the policy does not name them; the order is fingerprints, headers of the
//! user's own, cookies, frames, HSTS; a cookie's own `SameSite` and the application's own `X-Frame-Options` give way; block pages are the
//! firewall's and stay as they are.

use hyper::HeaderMap;
use hyper::header::{
    HeaderName, HeaderValue, SERVER, SET_COOKIE, STRICT_TRANSPORT_SECURITY, X_FRAME_OPTIONS,
};
use proofhouse_protocol::waas_policy::{ApplicationSpec, HstsConfig, ResponseHeaderSpec};

/// Headers that tell of the server's software.
const FINGERPRINTS: [HeaderName; 4] = [
    HeaderName::from_static("x-powered-by"),
    SERVER,
    HeaderName::from_static("x-aspnet-version"),
    HeaderName::from_static("x-aspnetmvc-version"),
];

/// What an app wants done to the headers of its answers.
#[derive(Debug, Default)]
pub(crate) struct Rewriting {
    fingerprints: bool,
    own: Vec<Own>,
    same_site: bool,
    frames: bool,
    hsts: Option<HeaderValue>,
}

#[derive(Debug)]
struct Own {
    name: HeaderName,
    values: Vec<HeaderValue>,
    replaces: bool,
}

impl Rewriting {
    pub(crate) fn of(app: &ApplicationSpec) -> Self {
        Self {
            fingerprints: app.intel_gathering.remove_fingerprints_enabled,
            own: app.response_header_specs.iter().filter_map(Own::of).collect(),
            same_site: app.csrf_enabled,
            frames: app.clickjacking_enabled,
            hsts: hsts(&app.tls_config.hsts),
        }
    }

    /// Rewrites the headers of an answer; `encrypted` says whether the client's connection is.
    pub(crate) fn apply(&self, headers: &mut HeaderMap, encrypted: bool) {
        if self.fingerprints {
            for name in &FINGERPRINTS {
                headers.remove(name);
            }
        }
        for own in &self.own {
            if own.replaces {
                headers.remove(&own.name);
            }
            for value in &own.values {
                headers.append(own.name.clone(), value.clone());
            }
        }
        if self.same_site {
            for cookie in headers.iter_mut().filter(|(name, _)| *name == SET_COOKIE).map(|(_, value)| value) {
                *cookie = strict(cookie);
            }
        }
        if self.frames {
            headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
        }
        if let Some(hsts) = self.hsts.as_ref().filter(|_| encrypted)
            && !headers.contains_key(STRICT_TRANSPORT_SECURITY)
        {
            headers.insert(STRICT_TRANSPORT_SECURITY, hsts.clone());
        }
    }
}

impl Own {
    /// A name or a value that cannot stand in a head is none; the Console refuses it.
    fn of(spec: &ResponseHeaderSpec) -> Option<Self> {
        let values = spec.values.iter().filter_map(|value| HeaderValue::from_str(value).ok()).collect();
        Some(Self { name: spec.name.parse().ok()?, values, replaces: spec.replaces })
    }
}

/// The cookie, bound to its site.
fn strict(cookie: &HeaderValue) -> HeaderValue {
    let kept = cookie.as_bytes().split(|byte| *byte == b';').filter(|part| {
        let name = part.split(|byte| *byte == b'=').next().unwrap_or_default();
        !name.trim_ascii().eq_ignore_ascii_case(b"samesite")
    });
    let mut bytes = kept.collect::<Vec<_>>().join(&b';');
    bytes.extend_from_slice(b"; SameSite=Strict");
    HeaderValue::from_bytes(&bytes).unwrap_or_else(|_| cookie.clone())
}

fn hsts(config: &HstsConfig) -> Option<HeaderValue> {
    let mut text = format!("max-age={}", config.max_age_seconds);
    for (said, word) in [(config.include_subdomains, "includeSubDomains"), (config.preload, "preload")] {
        if said {
            text.push_str("; ");
            text.push_str(word);
        }
    }
    let value = HeaderValue::from_str(&text).expect("digits and words are a header value");
    config.enabled.then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn rewritten(app: Value, headers: &[(&str, &str)], encrypted: bool) -> Vec<String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        Rewriting::of(&serde_json::from_value(app).unwrap()).apply(&mut map, encrypted);
        let mut lines: Vec<_> =
            map.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        lines.sort();
        lines
    }

    #[test]
    fn nothing_is_touched_where_nothing_is_said() {
        let headers = [("Set-Cookie", "a=b; SameSite=Lax"), ("Server", "x"), ("X-Frame-Options", "DENY")];
        assert_eq!(
            rewritten(json!({}), &headers, true),
            ["server: x", "set-cookie: a=b; SameSite=Lax", "x-frame-options: DENY"]
        );
    }

    #[test]
    fn each_cookie_is_bound_to_its_site() {
        let cookies = [("Set-Cookie", "a=b; Path=/; samesite = None ; Secure"), ("set-cookie", "c=\"d;e\"")];
        assert_eq!(
            rewritten(json!({"csrfEnabled": true}), &cookies, false),
            ["set-cookie: a=b; Path=/; Secure; SameSite=Strict", "set-cookie: c=\"d;e\"; SameSite=Strict"]
        );
    }

    #[test]
    fn fingerprints_go_and_others_stay() {
        let headers = [
            ("X-Powered-By", "PHP"),
            ("Server", "x"),
            ("X-AspNet-Version", "4"),
            ("X-AspNetMvc-Version", "5"),
            ("Via", "y"),
        ];
        let app = json!({"intelGathering": {"removeFingerprintsEnabled": true}});
        assert_eq!(rewritten(app, &headers, false), ["via: y"]);
    }

    #[test]
    fn headers_of_the_users_own_come_on_top_or_take_the_place() {
        let own = |replaces: bool| {
            json!({"responseHeaderSpecs": [{"name": "X-Own", "values": ["1", "2"], "override": replaces},
                {"name": "no name", "values": ["3"]}, {"name": "x-bad", "values": ["a\nb"]}]})
        };
        assert_eq!(rewritten(own(false), &[("x-own", "0")], false), ["x-own: 0", "x-own: 1", "x-own: 2"]);
        assert_eq!(rewritten(own(true), &[("x-own", "0")], false), ["x-own: 1", "x-own: 2"]);
    }

    #[test]
    fn hsts_is_said_on_encrypted_connections_unless_the_app_says_it() {
        let app = |more: Value| {
            let mut config = json!({"enabled": true, "maxAgeSeconds": 60});
            config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"tlsConfig": {"HSTSConfig": config}})
        };
        assert_eq!(rewritten(app(json!({})), &[], true), ["strict-transport-security: max-age=60"]);
        assert_eq!(
            rewritten(app(json!({"includeSubdomains": true, "preload": true})), &[], true),
            ["strict-transport-security: max-age=60; includeSubDomains; preload"]
        );
        assert!(rewritten(app(json!({})), &[], false).is_empty());
        let own = [("Strict-Transport-Security", "max-age=1")];
        assert_eq!(rewritten(app(json!({})), &own, true), ["strict-transport-security: max-age=1"]);
    }
}
