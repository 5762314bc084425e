//! What a script is evaluated on.

use crate::attribute::{MapAttribute, TextAttribute};
use std::borrow::Cow;
use std::net::IpAddr;

/// A name with its value: of a header, a cookie or a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'e> {
    /// As it was sent.
    pub name: Cow<'e, [u8]>,
    /// As it was sent; bytes, since a value need not be UTF-8.
    pub value: Cow<'e, [u8]>,
}

/// Names with their values.
pub type Fields<'e> = Box<dyn Iterator<Item = Field<'e>> + 'e>;

/// A request, and its response when that has come, or a deed of a process, of which attributes are asked only when a script gets to them.
///
/// What is not known is empty or none: a body that was not collected, the response of a request rule. An attribute is
/// asked each time that a script names it, so what is costly should be kept.
pub trait Event {
    /// A string, in bytes.
    fn text(&self, attribute: TextAttribute) -> Cow<'_, [u8]>;

    /// All names and values, in the order of the message. There may be tens of thousands: they are asked for one by one.
    fn fields(&self, map: MapAttribute) -> Fields<'_>;

    /// The other side: the client (`req.ip`), or what a process reaches (`net.outgoing_ip`).
    fn peer_address(&self) -> Option<IpAddr>;

    /// `net.outgoing_port`; none of a request.
    fn port(&self) -> Option<u16> {
        None
    }

    /// `resp.status_code`; none when there is no response.
    fn status_code(&self) -> Option<u16>;

    /// All values of one name, in the order of the message. Names of headers know no case.
    fn values<'e>(&'e self, map: MapAttribute, key: &'e str) -> Box<dyn Iterator<Item = Cow<'e, [u8]>> + 'e> {
        let same = move |name: &[u8]| match map.is_headers() {
            true => name.eq_ignore_ascii_case(key.as_bytes()),
            false => name == key.as_bytes(),
        };
        Box::new(self.fields(map).filter(move |field| same(&field.name)).map(|field| field.value))
    }
}
