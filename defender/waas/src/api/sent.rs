//! What a request sends, by place and name.

use super::protection::Arrived;
use crate::RequestView;
use crate::body::{Document, Element, Fields, Part};
use crate::form::{crumbs, decoded, pairs, split_pair};
use proofhouse_protocol::waas_policy::ParamLocation;
use serde_json::Value;
use std::borrow::Cow;
use std::cell::OnceCell;

/// A name with what stands under it.
#[derive(Debug)]
pub(super) struct Field<'s> {
    pub(super) name: Cow<'s, [u8]>,
    pub(super) given: Given<'s>,
}

/// What stands under a name.
#[derive(Debug)]
pub(super) enum Given<'s> {
    Text(Cow<'s, [u8]>),
    Json(&'s Value),
    Xml(&'s Element),
    /// An uploaded file.
    File,
}

/// One way to read a place. Its fields are read each time that they are asked for: they may be tens of thousands.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlaceReading<'s> {
    kept: Kept<'s>,
    /// Whether it can be relied on: not if the text is not what its type says.
    pub(super) sound: bool,
}

/// Where the fields are.
#[derive(Debug, Clone, Copy)]
enum Kept<'s> {
    Query(&'s RequestView<'s>),
    Headers(&'s RequestView<'s>),
    Cookies(&'s RequestView<'s>),
    Body(&'s Fields),
}

/// A request, read where something is asked for.
pub(super) struct Sent<'a> {
    view: &'a RequestView<'a>,
    /// Whether all of the body was read.
    pub(super) whole: bool,
    body: OnceCell<Vec<Fields>>,
}

impl<'a> Sent<'a> {
    pub(super) fn of(view: &'a RequestView<'a>, arrived: &Arrived<'_>) -> Self {
        Self {
            view,
            whole: arrived.body_read && view.unread().is_none() && !view.has_too_many_fields(),
            body: OnceCell::new(),
        }
    }

    /// Every way to read a place; none of a body that is not of the kind.
    pub(super) fn at(&self, place: ParamLocation) -> Vec<PlaceReading<'_>> {
        let head = |kept| vec![PlaceReading { kept, sound: true }];
        match place {
            ParamLocation::Query => head(Kept::Query(self.view)),
            ParamLocation::Header => head(Kept::Headers(self.view)),
            ParamLocation::Cookie => head(Kept::Cookies(self.view)),
            _ => {
                let readings = self.bodies().iter().filter(|fields| place_of(fields) == place);
                let readings = readings.map(|fields| PlaceReading {
                    kept: Kept::Body(fields),
                    sound: !self.whole || is_complete(fields),
                });
                readings.filter(|reading| !reading.sound || reading.fields().next().is_some()).collect()
            }
        }
    }

    /// The body as it was sent.
    pub(super) fn raw(&self) -> &[u8] {
        self.view.body
    }

    /// The body as JSON, if it may be that.
    pub(super) fn documents(&self) -> impl Iterator<Item = &Document> {
        self.bodies()
            .iter()
            .filter_map(|fields| if let Fields::Json(document) = fields { Some(document) } else { None })
    }

    fn bodies(&self) -> &[Fields] {
        self.body.get_or_init(|| {
            let mut bodies = self.view.fields();
            if !self.whole {
                // The last value may be a part of one, and the text ends where the inspection does.
                bodies.iter_mut().for_each(without_last);
            }
            bodies
        })
    }
}

impl<'s> PlaceReading<'s> {
    /// Names and what stands under them, in the order of the request.
    pub(super) fn fields(&self) -> Box<dyn Iterator<Item = Field<'s>> + 's> {
        let text = |(name, value): &'s (Vec<u8>, Vec<u8>)| Field {
            name: name.into(),
            given: Given::Text(value.into()),
        };
        let part = |Part { name, value, file }: &'s Part| Field {
            name: name.into(),
            given: if *file { Given::File } else { Given::Text(value.into()) },
        };
        let member = |(name, value): &'s (String, Value)| Field {
            name: name.as_bytes().into(),
            given: Given::Json(value),
        };
        let child = |child: &'s Element| Field { name: (&child.name).into(), given: Given::Xml(child) };
        match self.kept {
            Kept::Query(view) => Box::new(query(view)),
            Kept::Headers(view) => Box::new(headers(view)),
            Kept::Cookies(view) => Box::new(cookies(view)),
            Kept::Body(Fields::Form(pairs)) => Box::new(pairs.iter().map(text)),
            Kept::Body(Fields::Multipart(parts)) => Box::new(parts.iter().map(part)),
            Kept::Body(Fields::Json(document)) => Box::new(document.members.iter().map(member)),
            Kept::Body(Fields::Xml(children)) => Box::new(children.iter().map(child)),
        }
    }
}

fn place_of(fields: &Fields) -> ParamLocation {
    match fields {
        Fields::Form(_) => ParamLocation::FormData,
        Fields::Multipart(_) => ParamLocation::Multipart,
        Fields::Json(_) => ParamLocation::Json,
        Fields::Xml(_) => ParamLocation::Xml,
    }
}

fn is_complete(fields: &Fields) -> bool {
    if let Fields::Json(document) = fields { document.complete } else { true }
}

fn without_last(fields: &mut Fields) {
    match fields {
        Fields::Form(pairs) => drop(pairs.pop()),
        Fields::Multipart(parts) => drop(parts.pop()),
        Fields::Json(document) => drop(document.members.pop()),
        Fields::Xml(children) => drop(children.pop()),
    }
}

fn query<'s>(view: &RequestView<'s>) -> impl Iterator<Item = Field<'s>> + use<'s> {
    let text = |text| decoded(text, true);
    let field = move |(name, value)| Field { name: text(name), given: Given::Text(text(value)) };
    view.query.into_iter().flat_map(pairs).map(field)
}

/// Those that the application gets.
fn headers<'s>(view: &'s RequestView<'s>) -> impl Iterator<Item = Field<'s>> {
    let passed = view.headers.iter().filter(|(name, _)| !view.is_hidden(name));
    passed.map(|(name, value)| Field {
        name: name.as_bytes().into(),
        given: Given::Text(value.trim_ascii().into()),
    })
}

fn cookies<'s>(view: &'s RequestView<'s>) -> impl Iterator<Item = Field<'s>> {
    let is_cookie = |name: &str| name.eq_ignore_ascii_case("cookie") && !view.is_hidden(name);
    let lines = view.headers.iter().filter(move |(name, _)| is_cookie(name)).map(|(_, value)| *value);
    lines.flat_map(crumbs).map(|crumb| {
        let (name, value) = split_pair(crumb);
        let bare = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
        Field { name: name.into(), given: Given::Text(decoded(bare, false)) }
    })
}
