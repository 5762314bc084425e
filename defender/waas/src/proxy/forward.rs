//! The way to the application.

use super::Body;
use super::early::Early;
use super::http2::{Applications, Lane, is_untouched};
use super::rest::Rest;
use crate::policy::{Speech, Target};
use hyper::body::Body as _;
use hyper::ext::on_informational;
use hyper::header::{
    CONNECTION, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, TE, TRANSFER_ENCODING, UPGRADE,
};
use hyper::http::request::Parts;
use hyper::http::uri::{self, Authority, PathAndQuery, Scheme};
use hyper::{Request, Response, Uri, Version};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::io;
use std::net::IpAddr;
use std::time::Duration;
use thiserror::Error;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Idle connections are dropped before the application would drop them: most wait five seconds or more.
const IDLE: Duration = Duration::from_secs(4);

/// Connections to the application, kept between requests.
#[derive(Debug)]
pub(super) struct Upstream {
    http1: Client<HttpConnector, Body>,
    http2: Applications,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub(super) enum Unanswered {
    /// By HTTP/1.1.
    #[error(transparent)]
    Http1(#[from] legacy::Error),
    /// By HTTP/2.
    #[error(transparent)]
    Http2(#[from] h2::Error),
    /// There is no connection.
    #[error("cannot connect: {0}")]
    Connection(#[from] io::Error),
}

impl Upstream {
    pub(super) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(5)));
        let http1 = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .http1_preserve_header_case(true)
            .http1_title_case_headers(true)
            .http1_max_headers(256)
            .build(connector);
        Self { http1, http2: Applications::default() }
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
    ) -> Result<Response<Rest>, Unanswered> {
        if !parts.headers.contains_key(HOST)
            && let Some(host) =
                parts.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok())
        {
            parts.headers.insert(HOST, host);
        }
        strip_connection(&mut parts.headers, switching);
        append_peer(&mut parts.headers, peer);
        let early = parts.extensions.remove::<Early>();
        let lane = match target.speech {
            Speech::Http2 => self.http2.lane(target.port, true).await?,
            // Other protocols are asked for in HTTP/1.1.
            Speech::Either if !switching => self.http2.lane(target.port, false).await?,
            Speech::Either | Speech::Http1 => None,
        };
        match lane {
            Some(lane) => self.send_http2(lane, parts, body, target, early).await,
            None => self.send_http1(parts, body, target, early).await,
        }
    }

    async fn send_http1(
        &self,
        mut parts: Parts,
        body: Body,
        target: Target,
        early: Option<Early>,
    ) -> Result<Response<Rest>, Unanswered> {
        parts.uri = uri(&parts.uri, own_authority(target.port));
        parts.version = Version::HTTP_11;
        let mut request = Request::from_parts(parts, body);
        if let Some(early) = early {
            on_informational(&mut request, move |told| early.tell(told.status(), told.headers()));
        }
        match self.http1.request(request).await {
            Ok(response) => Ok(response.map(Rest::from)),
            Err(error) => {
                if target.speech == Speech::Either && is_another(&error) {
                    self.http2.forget(target.port).await;
                }
                Err(error.into())
            }
        }
    }

    /// The application is told the host that the client asked for, as it is in HTTP/1.1.
    async fn send_http2(
        &self,
        lane: Lane,
        mut parts: Parts,
        body: Body,
        target: Target,
        early: Option<Early>,
    ) -> Result<Response<Rest>, Unanswered> {
        let host = parts.headers.remove(HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
        parts.uri = uri(&parts.uri, host.unwrap_or_else(|| own_authority(target.port)));
        parts.version = Version::HTTP_2;
        parts.headers.remove(TRANSFER_ENCODING);
        let again = body.is_end_stream().then(|| parts.clone());
        match (lane.send(Request::from_parts(parts, body), early.clone()).await, again) {
            (Err(error), Some(parts)) if is_untouched(&error) => {
                let surely = target.speech == Speech::Http2;
                let lane = self.http2.lane(target.port, surely).await?.ok_or(error)?;
                Ok(lane.send(Request::from_parts(parts, Body::default()), early).await?)
            }
            (answer, _) => Ok(answer?),
        }
    }
}

/// Whether the application is another than the one that was asked which protocol it speaks.
fn is_another(error: &legacy::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<hyper::Error>());
    error.is_connect() || cause.is_some_and(hyper::Error::is_parse)
}

/// The application's address.
fn own_authority(port: u16) -> Authority {
    format!("127.0.0.1:{port}").parse().expect("an address and a port are an authority")
}

/// As long as the library lets a target be: put together from its parts, since the whole could be longer than it reads.
fn uri(original: &Uri, authority: Authority) -> Uri {
    let target = match original.path_and_query() {
        Some(target) if target.as_str().starts_with('/') => target.clone(),
        // An absolute target may have a query and no path.
        Some(target) if target.query().is_some() => {
            let query = format!("/?{}", target.query().unwrap_or_default());
            query.parse().expect("a slash and a query are a path with one")
        }
        _ => PathAndQuery::from_static("/"),
    };
    let mut parts = uri::Parts::default();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority);
    parts.path_and_query = Some(target);
    Uri::from_parts(parts).expect("a scheme, an authority and a path make a URI")
}

/// The address to which a request with this target goes; `None` if the library takes it for none.
#[cfg(feature = "fuzzing")]
pub(crate) fn forwarded(target: &[u8], port: u16) -> Option<String> {
    Some(uri(&Uri::try_from(target).ok()?, own_authority(port)).to_string())
}

/// Takes away what is meant for this connection only (RFC 9110, section 7.6.1). `Transfer-Encoding` stays: the body
/// keeps its form.
fn strip_connection(headers: &mut HeaderMap, switching: bool) {
    let trailers = headers.get_all(TE).iter().any(|value| value.as_bytes().eq_ignore_ascii_case(b"trailers"));
    let upgrade = headers.get_all(UPGRADE).iter().cloned().collect::<Vec<_>>();
    // Framing must not go away because a client lists it.
    remove_named(headers, &["content-length", "transfer-encoding", "host"]);
    for name in ["connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "http2-settings"]
    {
        headers.remove(name);
    }
    // The body was asked for already.
    headers.remove(EXPECT);
    if switching {
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        for value in upgrade {
            headers.append(UPGRADE, value);
        }
    }
    if trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
}

/// Takes away what no message of HTTP/2 may have (RFC 9113, section 8.2.2), and no early answer.
pub(super) fn without_connection(headers: &mut HeaderMap) {
    remove_named(headers, &["content-length"]);
    for name in ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te"] {
        headers.remove(name);
    }
}

/// Takes away what `Connection` names, but for these.
fn remove_named(headers: &mut HeaderMap, keep: &[&str]) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().filter(|name| !keep.contains(&name.as_str())) {
        headers.remove(name);
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
            let uri = uri(&target.parse().unwrap(), own_authority(8080));
            let found = (uri.scheme_str(), uri.authority().map(|host| host.as_str()), uri.path_and_query());
            assert_eq!(found.2.map(PathAndQuery::as_str), Some(path), "{target}");
            assert_eq!((found.0, found.1), (Some("http"), Some("127.0.0.1:8080")));
        }
    }
}
