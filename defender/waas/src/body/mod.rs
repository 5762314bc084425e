//! Request bodies: content codings, and the parsers that find values in them.

mod charset;
mod coding;
mod document;
mod fields;
pub(crate) mod grpc;
mod json;
mod lenient;
mod media;
mod multipart;
mod path;
mod protobuf;
mod xml;

use crate::AttackSet;
use crate::form::{pairs, push_pair};
use crate::input::{Class, Input, Inputs, Location};
pub use coding::Unread;
pub(crate) use coding::plain;
pub(crate) use document::Document;
pub(crate) use fields::{Fields, Part, fields, has_too_many};
use media::Media;
use std::borrow::Cow;
pub(crate) use xml::Element;

/// The inspected part of a body, as sent.
pub(crate) struct BodyView<'a> {
    /// Lines of `Content-Type`.
    pub(crate) types: &'a [&'a [u8]],
    /// Whether `Connection` names that header, so that the application does not see it.
    pub(crate) type_hidden: bool,
    /// Lines of `Content-Encoding`.
    pub(crate) codings: &'a [&'a [u8]],
    /// Whether `Connection` names that header.
    pub(crate) coding_hidden: bool,
    /// Most bytes that decompression may yield.
    pub(crate) limit: usize,
}

/// Adds the values of a body, in every way that a reader might take it. What does not parse to its end is inspected as a raw body
/// too.
pub(crate) fn inputs<'a>(body: &BodyView<'_>, bytes: &'a [u8], inputs: &mut Inputs<'a>) {
    let read = |bytes: &[u8], inputs: &mut Inputs<'a>| {
        let mut found = inputs.rest();
        readings(body, bytes, &mut found);
        inputs.append(found, owned);
    };
    match plain(body.codings, bytes, body.limit).bytes {
        Cow::Borrowed(plain) => readings(body, plain, inputs),
        Cow::Owned(plain) => {
            read(&plain, inputs);
            if body.coding_hidden {
                readings(body, bytes, inputs);
            }
            if let Some(text) = charset::decoded(&plain) {
                read(&text, inputs);
            }
            return;
        }
    }
    if let Some(text) = charset::decoded(bytes) {
        read(&text, inputs);
    }
}

fn readings<'a>(body: &BodyView<'_>, bytes: &'a [u8], inputs: &mut Inputs<'a>) {
    let readings = Media::readings(body.types, body.type_hidden, bytes);
    let mut raw = false;
    for media in readings {
        raw |= !parse(&media, bytes, body.limit, inputs);
    }
    if raw || inputs.left_out() {
        inputs.push_whole(raw_input(bytes));
    }
}

/// False if the text as a whole has to be looked at as well.
fn parse<'a>(media: &Media, bytes: &'a [u8], limit: usize, inputs: &mut Inputs<'a>) -> bool {
    match media {
        Media::Form => {
            for (name, value) in pairs(bytes) {
                push_pair(inputs, Location::FormBody, Location::FormBody, name, value);
            }
            true
        }
        Media::Json => {
            let complete = json::values(bytes, inputs);
            if !complete {
                lenient::values(bytes, inputs);
            }
            complete
        }
        Media::Xml => xml::values(bytes, inputs),
        Media::Multipart(boundary) => multipart::values(boundary, bytes, &mut |input| inputs.push(input)),
        Media::Grpc { text } => {
            grpc::values(bytes, *text, limit, inputs);
            true
        }
        Media::Protobuf => {
            protobuf::values(bytes, inputs);
            true
        }
        Media::Binary => true,
        Media::Text => false,
    }
}

fn push_raw<'a>(bytes: &'a [u8], inputs: &mut Inputs<'a>) {
    inputs.push(raw_input(bytes));
}

fn raw_input(bytes: &[u8]) -> Input<'_> {
    Input {
        class: Class::RawBody,
        location: Location::RawBody,
        key: Cow::Borrowed(""),
        value: Cow::Borrowed(bytes),
        skip: AttackSet::NONE,
    }
}

/// Why a body is not read whole although it is here.
pub(crate) fn unread(body: &BodyView<'_>, bytes: &[u8]) -> Option<Unread> {
    let plain = plain(body.codings, bytes, body.limit);
    plain.unread.or_else(|| {
        let has_messages = body.types.iter().any(|line| grpc::is_grpc(line));
        has_messages.then(|| grpc::unread(&plain.bytes, body.limit)).flatten()
    })
}

/// A value without a path of its own.
fn push_value(inputs: &mut Inputs<'_>, location: Location, key: &'static str, value: Vec<u8>) {
    if !value.is_empty() {
        inputs.push(Input {
            class: Class::Argument,
            location,
            key: Cow::Borrowed(key),
            value: Cow::Owned(value),
            skip: AttackSet::NONE,
        });
    }
}

fn owned<'o>(input: Input<'_>) -> Input<'o> {
    Input {
        class: input.class,
        location: input.location,
        key: Cow::Owned(input.key.into_owned()),
        value: Cow::Owned(input.value.into_owned()),
        skip: input.skip,
    }
}
