//! What a request sends, by place and name.

use super::protection::Arrived;
use crate::RequestView;
use crate::body::{Document, Element, Fields, Part};
use crate::form::{decoded, pairs, split_pair};
use proofhouse_protocol::waas_policy::ParamLocation;
use serde_json::Value;
use std::cell::OnceCell;

/// A name with what stands under it.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: Vec<u8>,
    pub(super) given: Given,
}

/// What stands under a name.
#[derive(Debug)]
pub(super) enum Given {
    Text(Vec<u8>),
    Json(Value),
    Xml(Element),
    /// An uploaded file.
    File,
}

/// One way to read a place.
#[derive(Debug)]
pub(super) struct PlaceReading {
    place: ParamLocation,
    pub(super) fields: Vec<Field>,
    /// Whether it can be relied on: not if the text is not what its type says.
    pub(super) sound: bool,
}

/// A request, read where something is asked for.
pub(super) struct Sent<'a> {
    view: &'a RequestView<'a>,
    /// Whether all of the body was read.
    pub(super) whole: bool,
    head: [OnceCell<PlaceReading>; 3],
    body: OnceCell<Vec<PlaceReading>>,
    documents: OnceCell<Vec<Document>>,
}

impl<'a> Sent<'a> {
    pub(super) fn of(view: &'a RequestView<'a>, arrived: &Arrived<'_>) -> Self {
        Self {
            view,
            whole: arrived.body_read && view.unread().is_none() && !view.has_too_many_fields(),
            head: Default::default(),
            body: OnceCell::new(),
            documents: OnceCell::new(),
        }
    }

    /// Every way to read a place; none of a body that is not of the kind.
    pub(super) fn at(&self, place: ParamLocation) -> Vec<&PlaceReading> {
        let head = |at: usize, fields: fn(&RequestView<'_>) -> Vec<Field>| {
            vec![self.head[at].get_or_init(|| PlaceReading { place, fields: fields(self.view), sound: true })]
        };
        match place {
            ParamLocation::Query => head(0, query),
            ParamLocation::Header => head(1, headers),
            ParamLocation::Cookie => head(2, cookies),
            _ => {
                let readings = self.body.get_or_init(|| self.bodies());
                readings.iter().filter(|reading| reading.place == place).collect()
            }
        }
    }

    /// The body as it was sent.
    pub(super) fn raw(&self) -> &[u8] {
        self.view.body
    }

    /// The body as JSON, if it may be that.
    pub(super) fn documents(&self) -> &[Document] {
        self.documents.get_or_init(|| {
            let json = |fields| if let Fields::Json(document) = fields { Some(document) } else { None };
            self.view.fields().into_iter().filter_map(json).collect()
        })
    }

    fn bodies(&self) -> Vec<PlaceReading> {
        let mut readings: Vec<_> = self.view.fields().into_iter().map(reading).collect();
        if !self.whole {
            // The last value may be a part of one, and the text ends where the inspection does.
            for reading in &mut readings {
                reading.fields.pop();
                reading.sound = true;
            }
        }
        readings.retain(|reading| !reading.fields.is_empty() || !reading.sound);
        readings
    }
}

fn reading(fields: Fields) -> PlaceReading {
    let text = |(name, value)| Field { name, given: Given::Text(value) };
    let part = |Part { name, value, file }| Field {
        name,
        given: if file { Given::File } else { Given::Text(value) },
    };
    let member =
        |(name, value): (String, Value)| Field { name: name.into_bytes(), given: Given::Json(value) };
    let child = |child: Element| Field { name: child.name.clone(), given: Given::Xml(child) };
    let (place, sound, fields) = match fields {
        Fields::Form(pairs) => (ParamLocation::FormData, true, pairs.into_iter().map(text).collect()),
        Fields::Multipart(parts) => (ParamLocation::Multipart, true, parts.into_iter().map(part).collect()),
        Fields::Json(Document { members, complete, .. }) => {
            (ParamLocation::Json, complete, members.into_iter().map(member).collect())
        }
        Fields::Xml(children) => (ParamLocation::Xml, true, children.into_iter().map(child).collect()),
    };
    PlaceReading { place, fields, sound }
}

fn query(view: &RequestView<'_>) -> Vec<Field> {
    let text = |text| decoded(text, true).into_owned();
    let field = |(name, value)| Field { name: text(name), given: Given::Text(text(value)) };
    view.query.into_iter().flat_map(pairs).map(field).collect()
}

/// Those that the application gets.
fn headers(view: &RequestView<'_>) -> Vec<Field> {
    let passed = view.headers.iter().filter(|(name, _)| !view.is_hidden(name));
    passed
        .map(|(name, value)| Field {
            name: name.as_bytes().to_vec(),
            given: Given::Text(value.trim_ascii().to_vec()),
        })
        .collect()
}

fn cookies(view: &RequestView<'_>) -> Vec<Field> {
    let is_cookie = |name: &str| name.eq_ignore_ascii_case("cookie") && !view.is_hidden(name);
    let lines = view.headers.iter().filter(|(name, _)| is_cookie(name)).map(|(_, value)| value);
    let crumbs = lines.flat_map(|line| line.split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
    crumbs
        .filter(|crumb| !crumb.is_empty())
        .map(|crumb| {
            let (name, value) = split_pair(crumb);
            let bare = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
            Field { name: name.to_vec(), given: Given::Text(decoded(bare, false).into_owned()) }
        })
        .collect()
}
