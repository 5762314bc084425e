//! A request and its answer as scripts see them. What scripts may not ask is not worked out.

use crate::RequestView;
use crate::body::plain;
use crate::client_address::Client;
use crate::form::{crumbs, pairs, split_pair};
use crate::input::{Class, Input};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{StatusCode, Version};
use proofhouse_custom_rules::{Event, Field, Fields, MapAttribute, TextAttribute};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::net::IpAddr;

/// What the application answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reply<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    /// The inspected part of the body, without content codings.
    pub(crate) body: &'a [u8],
}

/// A request, and its answer once there is one.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    request: &'a Parts,
    host: &'a str,
    client: &'a Client,
    encrypted: bool,
    body: &'a [u8],
    limit: usize,
    reply: Option<Reply<'a>>,
    decoded: OnceCell<Cow<'a, [u8]>>,
    parameters: OnceCell<Vec<(Vec<u8>, Vec<u8>)>>,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(
        request: &'a Parts,
        host: &'a str,
        client: &'a Client,
        encrypted: bool,
        (body, limit): (&'a [u8], usize),
        reply: Option<Reply<'a>>,
    ) -> Self {
        let (decoded, parameters) = (OnceCell::new(), OnceCell::new());
        Self { request, host, client, encrypted, body, limit, reply, decoded, parameters }
    }

    /// The body without content codings.
    fn decoded(&self) -> &[u8] {
        self.decoded.get_or_init(|| {
            plain(&lines(&self.request.headers, CONTENT_ENCODING), self.body, self.limit).bytes
        })
    }

    /// Names and values of the body's fields, as the parsers of the inspection read them.
    fn parameters(&self) -> &[(Vec<u8>, Vec<u8>)] {
        self.parameters.get_or_init(|| {
            let headers = &self.request.headers;
            let headers: Vec<(&str, &[u8])> =
                headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
            let (body, body_limit) = (self.body, self.limit);
            let view = RequestView { headers: &headers, body, body_limit, ..RequestView::default() };
            let inputs = view.body_inputs();
            let is_value = |input: &Input<'_>| input.class == Class::Argument;
            // A list that grows is there twice.
            let mut parameters = Vec::with_capacity(inputs.iter().filter(|input| is_value(input)).count());
            let values = inputs.into_iter().filter(is_value);
            parameters
                .extend(values.map(|input| (input.key.into_owned().into_bytes(), input.value.into_owned())));
            parameters
        })
    }
}

impl Event for Exchange<'_> {
    fn text(&self, attribute: TextAttribute) -> Cow<'_, [u8]> {
        let path = self.request.uri.path();
        match attribute {
            TextAttribute::Host => self.host.as_bytes().into(),
            TextAttribute::Method => self.request.method.as_str().as_bytes().into(),
            TextAttribute::HttpVersion => version(self.request.version).into(),
            TextAttribute::HttpScheme => (if self.encrypted { &b"HTTPS"[..] } else { b"HTTP" }).into(),
            TextAttribute::FileExtension => {
                let file = path.rsplit('/').next().unwrap_or_default();
                file.rsplit_once('.').map_or("", |(_, extension)| extension).as_bytes().into()
            }
            TextAttribute::Path => path.as_bytes().into(),
            TextAttribute::CountryCode => self.client.origin.country().unwrap_or_default().as_bytes().into(),
            TextAttribute::Body => self.decoded().into(),
            TextAttribute::ResponseContentType => {
                let kind = self.reply.and_then(|reply| reply.headers.get(CONTENT_TYPE));
                kind.map_or(&b""[..], HeaderValue::as_bytes).into()
            }
            TextAttribute::ResponseBody => self.reply.map_or(&b""[..], |reply| reply.body).into(),
            TextAttribute::Runtime(_) => (&b""[..]).into(),
        }
    }

    fn fields(&self, map: MapAttribute) -> Fields<'_> {
        match map {
            MapAttribute::Headers => fields(&self.request.headers),
            MapAttribute::ResponseHeaders => {
                Box::new(self.reply.into_iter().flat_map(|reply| fields(reply.headers)))
            }
            MapAttribute::Cookies => {
                let lines = self.request.headers.get_all(COOKIE).iter();
                Box::new(lines.flat_map(|line| crumbs(line.as_bytes())).map(split_pair).map(field))
            }
            MapAttribute::QueryParams => {
                let query = self.request.uri.query().unwrap_or_default().as_bytes();
                Box::new(pairs(query).map(field))
            }
            MapAttribute::BodyParams => {
                let parameters = self.parameters().iter();
                Box::new(parameters.map(|(name, value)| Field { name: name.into(), value: value.into() }))
            }
        }
    }

    fn peer_address(&self) -> Option<IpAddr> {
        Some(self.client.address)
    }

    fn status_code(&self) -> Option<u16> {
        self.reply.map(|reply| reply.status.as_u16())
    }
}

fn version(version: Version) -> &'static [u8] {
    match version {
        Version::HTTP_10 => b"1.0",
        Version::HTTP_2 => b"2.0",
        _ => b"1.1",
    }
}

fn fields(headers: &HeaderMap) -> Fields<'_> {
    Box::new(
        headers.iter().map(|(name, value)| Field {
            name: name.as_str().as_bytes().into(),
            value: value.as_bytes().into(),
        }),
    )
}

fn field<'a>((name, value): (&'a [u8], &'a [u8])) -> Field<'a> {
    Field { name: name.into(), value: value.into() }
}

fn lines(headers: &HeaderMap, name: hyper::header::HeaderName) -> Vec<&[u8]> {
    headers.get_all(name).iter().map(HeaderValue::as_bytes).collect()
}
