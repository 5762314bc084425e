//! One parameter: how its values are written, and what they must be.

use super::sent::{Field, Given, PlaceReading, Sent};
use super::value::{Bounds, no};
use super::violation::Violation;
use crate::body::Element;
use proofhouse_protocol::waas_policy::{Param, ParamLocation, ParamStyle, ParamType};
use serde_json::Value;

/// A parameter, ready to be checked.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) place: ParamLocation,
    pub(super) name: String,
    required: bool,
    may_be_empty: bool,
    bounds: Bounds,
    several: Option<Several>,
    /// Of a path: what stands before its values.
    mark: Option<Mark>,
}

/// How several values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Several {
    /// Under one name each.
    Apart,
    /// Together, with a byte between them.
    Joined(u8),
}

/// What a segment of a path begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// A dot.
    Label,
    /// A semicolon, the name, and an equals sign; exploded, before each value.
    Matrix { each: bool },
}

/// A value, and what is wrong with it.
type Fault = (String, String);

impl Parameter {
    pub(super) fn of(param: &Param) -> Self {
        let mark = match param.style {
            Some(ParamStyle::Label) => Some(Mark::Label),
            Some(ParamStyle::Matrix) => Some(Mark::Matrix { each: param.array && param.explode }),
            _ => None,
        };
        Self {
            place: param.location,
            name: param.name.clone(),
            required: param.required,
            may_be_empty: param.allow_empty_value,
            bounds: Bounds { kind: param.kind, min: param.min, max: param.max },
            several: param.array.then(|| several(param)),
            mark: mark.filter(|_| param.location == ParamLocation::Path),
        }
    }

    /// Whether it is written with semicolons in the path.
    pub(super) fn is_matrix(&self) -> bool {
        matches!(self.mark, Some(Mark::Matrix { .. }))
    }

    /// Whether its members may stand under any name.
    pub(super) fn is_open(&self) -> bool {
        self.bounds.kind == Some(ParamType::Object) && self.several.is_none()
    }

    /// Whether it is a name that is spelled like this one.
    pub(super) fn is_named(&self, name: &[u8]) -> bool {
        match self.place {
            ParamLocation::Header => name.eq_ignore_ascii_case(self.name.as_bytes()),
            ParamLocation::Xml => name == self.name.as_bytes() || local(name) == self.name.as_bytes(),
            _ => name == self.name.as_bytes(),
        }
    }

    /// Whether some reader takes the name for this one.
    pub(super) fn is_perhaps_named(&self, name: &[u8]) -> bool {
        let own = self.name.as_bytes();
        let xml = self.place == ParamLocation::Xml && local(name).eq_ignore_ascii_case(own);
        xml || name.eq_ignore_ascii_case(own)
    }

    /// What is wrong with it where it stands in the place of a name in the path.
    pub(super) fn against_path(&self, value: &[u8]) -> Option<Violation> {
        let values = match self.mark {
            None => Some(value.to_vec()),
            Some(Mark::Label) => value.strip_prefix(b".").map(<[u8]>::to_vec),
            Some(Mark::Matrix { each }) => self.matrix(value, each),
        };
        let fault = match values {
            None => Some((text(value), "not in the notation of the API".to_owned())),
            Some(values) => self.against_text(&values),
        };
        fault.map(|fault| self.wrong(fault))
    }

    /// What stands behind `;name=`; with `each`, of several with commas between them.
    fn matrix(&self, value: &[u8], each: bool) -> Option<Vec<u8>> {
        let mark = [self.name.as_bytes(), b"="].concat();
        let value = value.strip_prefix(b";")?;
        if !each {
            return value.strip_prefix(mark.as_slice()).map(<[u8]>::to_vec);
        }
        let values = value.split(|byte| *byte == b';').map(|part| part.strip_prefix(mark.as_slice()));
        Some(values.collect::<Option<Vec<_>>>()?.join(&b';'))
    }

    /// What is wrong with it in everything that the request sends elsewhere; `is_meant` tells whether a name is taken for this one.
    pub(super) fn against(&self, sent: &Sent<'_>, is_meant: impl Fn(&[u8]) -> bool) -> Option<Violation> {
        if self.place == ParamLocation::Body {
            return self.against_body(sent);
        }
        let readings = sent.at(self.place);
        let has_it = |reading: &PlaceReading<'_>| reading.fields().any(|field| self.is_named(&field.name));
        let judged = sent.whole
            || matches!(self.place, ParamLocation::Query | ParamLocation::Header | ParamLocation::Cookie);
        if readings.iter().any(|reading| !reading.sound) {
            return Some(Violation::NoJson);
        }
        if self.required && judged && (readings.is_empty() || !readings.iter().all(has_it)) {
            return Some(self.missing());
        }
        let fields = readings.iter().flat_map(PlaceReading::fields);
        let mut faults =
            fields.filter(|field| is_meant(&field.name)).filter_map(|field| self.against_field(&field));
        faults.next().map(|fault| self.wrong(fault))
    }

    fn against_field(&self, field: &Field<'_>) -> Option<Fault> {
        match &field.given {
            Given::Text(value) => self.against_text(value),
            Given::Json(value) => self.against_json(value),
            Given::Xml(element) => self.against_element(element),
            Given::File => {
                let free = matches!(self.bounds.kind, None | Some(ParamType::String));
                (!free).then(|| (String::new(), "a file".to_owned()))
            }
        }
    }

    fn against_text(&self, value: &[u8]) -> Option<Fault> {
        if value.is_empty() {
            return (!self.may_be_empty).then(|| (String::new(), "empty".to_owned()));
        }
        let trim = self.place == ParamLocation::Header;
        match self.several {
            Some(Several::Joined(byte)) => {
                let parts = value.split(|other| *other == byte);
                parts
                    .map(|part| if trim { part.trim_ascii() } else { part })
                    .find_map(|part| self.against_part(part))
            }
            _ => self.against_part(value),
        }
    }

    fn against_part(&self, part: &[u8]) -> Option<Fault> {
        self.bounds.against_text(part).map(|why| (text(part), why))
    }

    fn against_json(&self, value: &Value) -> Option<Fault> {
        let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let bounds = |value: &Value| self.bounds.against_json(value).map(|why| (shown(value), why));
        match (value, self.several) {
            (Value::Null, _) if self.may_be_empty => None,
            (Value::String(text), _) if text.is_empty() && self.may_be_empty => None,
            (Value::Null, _) => self.bounds.kind.map(|_| ("null".to_owned(), "empty".to_owned())),
            (Value::Array(items), Some(_)) => items.iter().find_map(bounds),
            (other, Some(_)) => Some((shown(other), no(ParamType::Array))),
            (Value::String(text), None) if text.is_empty() && self.bounds.kind == Some(ParamType::String) => {
                Some((String::new(), "empty".to_owned()))
            }
            (other, None) => bounds(other),
        }
    }

    /// Pieces of text are one value for readers that skip what stands between them, and several for others: each must hold.
    fn against_element(&self, element: &Element) -> Option<Fault> {
        let Element { texts, items, .. } = element;
        let holds_elements = matches!(self.bounds.kind, None | Some(ParamType::Object | ParamType::Array));
        if holds_elements && !items.is_empty() {
            return None;
        }
        if self.several.is_some() && !items.is_empty() {
            return texts.iter().chain(items).find_map(|part| self.against_part(part));
        }
        if !texts.is_empty() {
            return texts.iter().find_map(|part| self.against_part(part));
        }
        let may_be_empty = self.may_be_empty || holds_elements;
        (!may_be_empty).then(|| (String::new(), "empty".to_owned()))
    }

    fn against_body(&self, sent: &Sent<'_>) -> Option<Violation> {
        let raw = sent.raw();
        if raw.is_empty() {
            return (self.required && sent.whole).then(|| self.missing());
        }
        let list = self.several.is_some() || self.bounds.kind == Some(ParamType::Array);
        match self.bounds.kind {
            _ if list => {
                self.against_documents(sent, |sent| matches!(sent, Some(Value::Array(_))), ParamType::Array)
            }
            Some(ParamType::Object) => self.against_documents(sent, |sent| sent.is_none(), ParamType::Object),
            Some(ParamType::Integer | ParamType::Number | ParamType::Boolean) if sent.whole => {
                self.against_part(raw.trim_ascii()).map(|fault| self.wrong(fault))
            }
            _ => None,
        }
    }

    /// `fits` looks at what is no object.
    fn against_documents(
        &self,
        sent: &Sent<'_>,
        fits: impl Fn(Option<&Value>) -> bool,
        kind: ParamType,
    ) -> Option<Violation> {
        if !sent.whole {
            return None;
        }
        for document in sent.documents() {
            if !document.complete {
                return Some(Violation::NoJson);
            }
            let other = document.other.as_ref();
            if !fits(other) {
                let shown = other.map_or_else(|| "{..}".to_owned(), Value::to_string);
                return Some(self.wrong((shown, no(kind))));
            }
            if let (Some(Value::Array(items)), Some(_)) = (other, self.several) {
                let fault = items
                    .iter()
                    .find_map(|item| self.bounds.against_json(item).map(|why| (item.to_string(), why)));
                if let Some(fault) = fault {
                    return Some(self.wrong(fault));
                }
            }
        }
        None
    }

    fn missing(&self) -> Violation {
        Violation::Missing { place: self.place, name: self.name.clone() }
    }

    fn wrong(&self, (value, why): Fault) -> Violation {
        Violation::Wrong { place: self.place, name: self.name.clone(), value, why }
    }
}

fn several(param: &Param) -> Several {
    let lists = matches!(
        param.location,
        ParamLocation::Query | ParamLocation::Cookie | ParamLocation::FormData | ParamLocation::Multipart
    );
    let byte = match (param.style, param.explode) {
        (Some(ParamStyle::Label), true) => b'.',
        (Some(ParamStyle::Matrix), true) => b';',
        (Some(ParamStyle::SpaceDelimited), _) => b' ',
        (Some(ParamStyle::TabDelimited), _) => b'\t',
        (Some(ParamStyle::PipeDelimited), _) => b'|',
        _ => b',',
    };
    if lists && param.explode { Several::Apart } else { Several::Joined(byte) }
}

/// A name of XML without its prefix.
fn local(name: &[u8]) -> &[u8] {
    name.rsplit(|byte| *byte == b':').next().unwrap_or(name)
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}
