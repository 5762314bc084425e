//! Request bodies: content codings, and the parsers that find values in them.

mod coding;
mod json;
mod lenient;
mod media;
mod multipart;
mod path;
mod xml;

use crate::AttackSet;
use crate::form::{pairs, push_pair};
use crate::input::{Class, Input, Location};
use media::Media;
use std::borrow::Cow;

/// The inspected part of a body, as sent.
pub(crate) struct BodyView<'a> {
    pub(crate) content_type: &'a [u8],
    pub(crate) content_encoding: &'a [u8],
    pub(crate) bytes: &'a [u8],
    /// Most bytes that decompression may yield.
    pub(crate) limit: usize,
}

/// Adds the values of a body. What does not parse to its end is inspected as a raw body too.
pub(crate) fn inputs<'a>(body: &BodyView<'a>, inputs: &mut Vec<Input<'a>>) {
    match coding::decoded(body.content_encoding, body.bytes, body.limit) {
        None => parse(body.content_type, body.bytes, inputs),
        Some(plain) => {
            let mut found = Vec::new();
            parse(body.content_type, &plain, &mut found);
            inputs.extend(found.into_iter().map(owned));
        }
    }
}

fn parse<'a>(content_type: &[u8], bytes: &'a [u8], inputs: &mut Vec<Input<'a>>) {
    let complete = match Media::of(content_type) {
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
        Media::Multipart(boundary) => multipart::values(&boundary, bytes, inputs),
        Media::Binary => true,
        Media::Text => false,
    };
    if !complete {
        inputs.push(Input {
            class: Class::RawBody,
            location: Location::RawBody,
            key: Cow::Borrowed(""),
            value: Cow::Borrowed(bytes),
            skip: AttackSet::NONE,
        });
    }
}

/// A value without a path of its own.
fn push_value(inputs: &mut Vec<Input<'_>>, location: Location, key: &'static str, value: Vec<u8>) {
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
