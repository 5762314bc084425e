//! The way to the application.

use super::Body;
use crate::policy::Target;
use hyper::header::{CONNECTION, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, TE, UPGRADE};
use hyper::http::request::Parts;
use hyper::http::uri::{self, PathAndQuery, Scheme};
use hyper::{Request, Response, Uri, Version, body::Incoming};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::net::IpAddr;
use std::time::Duration;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Idle connections are dropped before the application would drop them: most wait five seconds or more.
const IDLE: Duration = Duration::from_secs(4);

/// Connections to the application, kept between requests.
#[derive(Debug)]
pub(super) struct Upstream {
    http1: Client<HttpConnector, Body>,
    grpc: Client<HttpConnector, Body>,
}

impl Upstream {
    pub(super) fn new() -> Self {
        let connector = || {
            let mut connector = HttpConnector::new();
            connector.set_nodelay(true);
            connector.set_connect_timeout(Some(Duration::from_secs(5)));
            connector
        };
        let http1 = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .http1_preserve_header_case(true)
            .http1_title_case_headers(true)
            .http1_max_headers(256)
            .build(connector());
        let grpc = Client::builder(TokioExecutor::new()).http2_only(true).build(connector());
        Self { http1, grpc }
    }

    /// Sends the request on. Nothing is changed but what belongs to the connection, and `X-Forwarded-For`, which
    /// gains the peer, as Go's reverse proxy does it (a declared choice; section 2.13 of `waas.md`).
    pub(super) async fn send(
        &self,
        mut parts: Parts,
        body: Body,
        target: Target,
        peer: IpAddr,
        switching: bool,
    ) -> Result<Response<Incoming>, Error> {
        if !parts.headers.contains_key(HOST)
            && let Some(host) =
                parts.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok())
        {
            parts.headers.insert(HOST, host);
        }
        parts.uri = uri(&parts.uri, target.port);
        strip_connection(&mut parts.headers, switching);
        append_peer(&mut parts.headers, peer);
        let client = if target.grpc {
            parts.version = Version::HTTP_2;
            parts.headers.remove(HOST);
            &self.grpc
        } else {
            parts.version = Version::HTTP_11;
            &self.http1
        };
        client.request(Request::from_parts(parts, body)).await
    }
}

/// As long as the library lets a target be: put together from its parts, since the whole could be longer than it reads.
fn uri(original: &Uri, port: u16) -> Uri {
    let target = match original.path_and_query() {
        Some(target) if target.as_str().starts_with('/') => target.clone(),
        // An absolute target may have a query and no path.
        Some(target) if target.query().is_some() => {
            let query = format!("/?{}", target.query().unwrap_or_default());
            query.parse().expect("a slash and a query are a path with one")
        }
        _ => PathAndQuery::from_static("/"),
    };
    let authority = format!("127.0.0.1:{port}").parse().expect("an address and a port are an authority");
    let mut parts = uri::Parts::default();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority);
    parts.path_and_query = Some(target);
    Uri::from_parts(parts).expect("a scheme, an authority and a path make a URI")
}

/// The address to which a request with this target goes; `None` if the library takes it for none.
#[cfg(feature = "fuzzing")]
pub(crate) fn forwarded(target: &[u8], port: u16) -> Option<String> {
    Some(uri(&Uri::try_from(target).ok()?, port).to_string())
}

/// Takes away what is meant for this connection only (RFC 9110, section 7.6.1). `Transfer-Encoding` stays: the body
/// keeps its form.
fn strip_connection(headers: &mut HeaderMap, switching: bool) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let trailers = headers.get_all(TE).iter().any(|value| value.as_bytes().eq_ignore_ascii_case(b"trailers"));
    // Framing must not go away because a client lists it.
    let keep = ["content-length", "transfer-encoding", "host"];
    for name in
        named.iter().filter(|name| !keep.contains(&name.as_str()) && (!switching || **name != UPGRADE))
    {
        headers.remove(name);
    }
    for name in ["connection", "keep-alive", "proxy-connection", "te", "trailer", "http2-settings"] {
        headers.remove(name);
    }
    // The body was asked for already.
    headers.remove(EXPECT);
    if switching {
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    } else {
        headers.remove(UPGRADE);
    }
    if trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
}

fn append_peer(headers: &mut HeaderMap, peer: IpAddr) {
    let mut chain: Vec<u8> = Vec::new();
    for value in headers.get_all(FORWARDED_FOR) {
        chain.extend_from_slice(value.as_bytes());
        chain.extend_from_slice(b", ");
    }
    chain.extend_from_slice(peer.to_canonical().to_string().as_bytes());
    let chain = HeaderValue::from_bytes(&chain).expect("header values joined by a comma are a header value");
    headers.insert(FORWARDED_FOR, chain);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_that_the_library_reads_goes_to_the_application() {
        let long = format!("/{}", "a".repeat(65_533));
        for (target, path) in [
            ("/a?b=c", "/a?b=c"),
            ("http://h:80/a", "/a"),
            ("http://h", "/"),
            ("http://h?q", "/?q"),
            ("*", "/"),
            ("h:80", "/"),
            (long.as_str(), long.as_str()),
        ] {
            let uri = uri(&target.parse().unwrap(), 8080);
            let found = (uri.scheme_str(), uri.authority().map(|host| host.as_str()), uri.path_and_query());
            assert_eq!(found.2.map(PathAndQuery::as_str), Some(path), "{target}");
            assert_eq!((found.0, found.1), (Some("http"), Some("127.0.0.1:8080")));
        }
    }
}
