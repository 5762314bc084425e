//! The way to the application.

use super::Body;
use crate::policy::Target;
use hyper::header::{CONNECTION, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, TE, UPGRADE};
use hyper::http::request::Parts;
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

fn uri(original: &Uri, port: u16) -> Uri {
    let target = original.path_and_query().map_or("/", |target| target.as_str());
    let target = if target.starts_with('/') { target } else { "/" };
    format!("http://127.0.0.1:{port}{target}").parse().expect("an address and the path of a URI make a URI")
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
