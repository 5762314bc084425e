//! A request that tests build.

use proofhouse_custom_rules::{Event, Field, Fields, Hit, MapAttribute, Phase, Script, TextAttribute};
use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;

/// Unix seconds at which everything happens.
pub const NOW: i64 = 1_700_000_000;

/// A request and its response.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    texts: HashMap<TextAttribute, Vec<u8>>,
    fields: Vec<(MapAttribute, Vec<u8>, Vec<u8>)>,
    address: Option<IpAddr>,
    status: Option<u16>,
}

impl Sample {
    /// `GET /`.
    pub fn new() -> Self {
        Self::default().text(TextAttribute::Method, "GET").text(TextAttribute::Path, "/")
    }

    pub fn text(mut self, attribute: TextAttribute, value: impl AsRef<[u8]>) -> Self {
        self.texts.insert(attribute, value.as_ref().to_vec());
        self
    }

    pub fn method(self, value: &str) -> Self {
        self.text(TextAttribute::Method, value)
    }

    pub fn path(self, value: &str) -> Self {
        self.text(TextAttribute::Path, value)
    }

    pub fn body(self, value: impl AsRef<[u8]>) -> Self {
        self.text(TextAttribute::Body, value)
    }

    pub fn field(mut self, map: MapAttribute, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.fields.push((map, name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.field(MapAttribute::Headers, name, value)
    }

    pub fn cookie(self, name: &str, value: &str) -> Self {
        self.field(MapAttribute::Cookies, name, value)
    }

    pub fn query(self, name: &str, value: &str) -> Self {
        self.field(MapAttribute::QueryParams, name, value)
    }

    pub fn form(self, name: &str, value: &str) -> Self {
        self.field(MapAttribute::BodyParams, name, value)
    }

    pub fn address(mut self, value: &str) -> Self {
        self.address = Some(value.parse().expect("an address"));
        self
    }

    pub fn status(mut self, value: u16) -> Self {
        self.status = Some(value);
        self
    }

    /// What the script finds, be it for a request or for a response.
    pub fn find(&self, script: &str) -> Option<Hit> {
        let parsed = Script::parse(script, Phase::Response);
        parsed.unwrap_or_else(|error| panic!("{}", error.underlined())).evaluate(self, NOW)
    }

    pub fn hit_by(&self, script: &str) -> bool {
        self.find(script).is_some()
    }
}

impl Event for Sample {
    fn text(&self, attribute: TextAttribute) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.texts.get(&attribute).map(Vec::as_slice).unwrap_or_default())
    }

    fn fields(&self, map: MapAttribute) -> Fields<'_> {
        let of_map = self.fields.iter().filter(move |(of, ..)| *of == map);
        Box::new(of_map.map(|(_, name, value)| Field { name: name.into(), value: value.into() }))
    }

    fn peer_address(&self) -> Option<IpAddr> {
        self.address
    }

    fn status_code(&self) -> Option<u16> {
        self.status
    }
}
