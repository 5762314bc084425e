//! Pairs of names and values, as queries, forms and cookies have them.

use crate::AttackSet;
use crate::input::{Class, Input, Inputs, Location};
use crate::transform::percent_decode;
use std::borrow::Cow;

/// `name=value` pairs between `&`.
pub(crate) fn pairs(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    text.split(|b| *b == b'&').filter(|pair| !pair.is_empty()).map(split_pair)
}

/// Name and value around the first `=`.
pub(crate) fn split_pair(pair: &[u8]) -> (&[u8], &[u8]) {
    match pair.iter().position(|b| *b == b'=') {
        Some(at) => (&pair[..at], &pair[at + 1..]),
        None => (pair, &[]),
    }
}

/// The pieces of a cookie line, between semicolons.
pub(crate) fn crumbs(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| *byte == b';').map(<[u8]>::trim_ascii).filter(|crumb| !crumb.is_empty())
}

/// Name and value of a form-encoded pair.
pub(crate) fn push_pair<'a>(
    inputs: &mut Inputs<'a>,
    location: Location,
    name_location: Location,
    name: &'a [u8],
    value: &'a [u8],
) {
    let name = decoded(name, true);
    let key: Cow<'a, str> = match &name {
        Cow::Borrowed(name) => String::from_utf8_lossy(name),
        Cow::Owned(name) => Cow::Owned(String::from_utf8_lossy(name).into_owned()),
    };
    if !name.is_empty() {
        inputs.push(Input {
            class: Class::ArgumentName,
            location: name_location,
            key: key.clone(),
            value: name,
            skip: AttackSet::NONE,
        });
    }
    if !value.is_empty() {
        inputs.push(Input {
            class: Class::Argument,
            location,
            key,
            value: decoded(value, true),
            skip: AttackSet::NONE,
        });
    }
}

/// Percent-decoded once, without a copy where nothing changes.
pub(crate) fn decoded(value: &[u8], plus: bool) -> Cow<'_, [u8]> {
    let mut out = Vec::new();
    if percent_decode(value, plus, &mut out) { Cow::Owned(out) } else { Cow::Borrowed(value) }
}
