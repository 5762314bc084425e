//! Bodies of requests: their members as parameters.

use crate::error::ImportError;
use crate::node::Node;
use crate::schema::Facts;
use crate::xml::xml_name;
use proofhouse_protocol::waas_policy::{Param, ParamLocation, ParamStyle, ParamType};

/// Name of a parameter that is the whole body, which OpenAPI 3 gives none.
const WHOLE: &str = "body";

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// Parameters of a `requestBody`.
pub(crate) fn openapi3(body: Node<'_>) -> Result<Vec<Param>, ImportError> {
    let body = body.resolved()?;
    body.object()?;
    let Some(content) = body.member("content") else { return Ok(Vec::new()) };
    let content = content.members()?;
    let required = body.flag("required")?.unwrap_or(false) && content.len() == 1;
    let mut found: Vec<Param> = Vec::new();
    for (name, media) in &content {
        media.object()?;
        let location = location(name);
        let Some(schema) = media.member("schema") else { continue };
        let encoding = media.member("encoding");
        let params =
            Described { location, required, sole: content.len() == 1, encoding }.params(&schema, WHOLE)?;
        join(&mut found, params);
    }
    Ok(found)
}

/// Parameters of a `body` of Swagger 2, whose operation takes these media types.
pub(crate) fn swagger2(body: &Node<'_>, consumes: &[&str]) -> Result<Vec<Param>, ImportError> {
    let required = body.flag("required")?.unwrap_or(false);
    let name = body.text_of("name")?.unwrap_or(WHOLE);
    let Some(schema) = body.member("schema") else { return Ok(Vec::new()) };
    let consumes = if consumes.is_empty() { &["application/json"] } else { consumes };
    let sole = consumes.len() == 1;
    let mut found: Vec<Param> = Vec::new();
    for media in consumes {
        let described =
            Described { location: location(media), required: required && sole, sole, encoding: None };
        join(&mut found, described.params(&schema, name)?);
    }
    Ok(found)
}

/// By media type, with its parameters or without.
pub(crate) fn location(media: &str) -> ParamLocation {
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media == FORM {
        ParamLocation::FormData
    } else if media.starts_with("multipart/") {
        ParamLocation::Multipart
    } else if media.ends_with("/json") || media.ends_with("+json") {
        ParamLocation::Json
    } else if media.ends_with("/xml") || media.ends_with("+xml") {
        ParamLocation::Xml
    } else {
        ParamLocation::Body
    }
}

/// Adds those of another media type, unless they are there already.
fn join(found: &mut Vec<Param>, others: Vec<Param>) {
    let known: std::collections::HashSet<(ParamLocation, String)> =
        found.iter().map(|param| (param.location, param.name.clone())).collect();
    found.extend(others.into_iter().filter(|param| !known.contains(&(param.location, param.name.clone()))));
}

/// One media type of a body.
struct Described<'d> {
    location: ParamLocation,
    /// Whether the body must be there, and in this type.
    required: bool,
    /// Whether it has no other type.
    sole: bool,
    /// How fields of forms are written.
    encoding: Option<Node<'d>>,
}

impl Described<'_> {
    fn params(&self, schema: &Node<'_>, name: &str) -> Result<Vec<Param>, ImportError> {
        let facts = Facts::of(schema)?;
        let is_object = matches!(facts.kind, None | Some(ParamType::Object)) && !facts.properties.is_empty();
        match self.location {
            ParamLocation::Body => Ok(vec![self.whole(&facts, name)?]),
            ParamLocation::Json if !is_object => Ok(vec![self.whole(&facts, name)?]),
            _ if !is_object => Ok(Vec::new()),
            _ => facts.names().into_iter().map(|name| self.property(&facts, name)).collect(),
        }
    }

    /// The body as one parameter. Only JSON has types that a whole body shows.
    fn whole(&self, facts: &Facts<'_>, name: &str) -> Result<Param, ImportError> {
        let mut param = Param::new(name, ParamLocation::Body);
        param.required = self.required;
        param.allow_empty_value = !self.required;
        if self.location == ParamLocation::Json && self.sole && !facts.nullable {
            facts.tell(&mut param)?;
        }
        Ok(param)
    }

    fn property(&self, object: &Facts<'_>, name: &str) -> Result<Param, ImportError> {
        let mut facts: Option<Facts<'_>> = None;
        let mut written = name.to_owned();
        for (_, schema) in object.properties.iter().filter(|(known, _)| *known == name) {
            let more = Facts::of(schema)?;
            if self.location == ParamLocation::Xml {
                written = xml_name(schema, &more, name)?;
            }
            match &mut facts {
                Some(facts) => facts.join(more),
                None => facts = Some(more),
            }
        }
        let facts = facts.unwrap_or_default();
        let mut param = Param::new(written, self.location);
        facts.tell(&mut param)?;
        param.required = self.required && object.required.contains(&name) && !facts.read_only;
        let text = matches!(param.kind, None | Some(ParamType::String));
        param.allow_empty_value = facts.nullable || (text && facts.may_be_empty);
        if matches!(self.location, ParamLocation::FormData | ParamLocation::Multipart) {
            self.notation(name, &mut param)?;
        }
        Ok(param)
    }

    /// A field of a form; its lists are written as several fields unless the encoding says otherwise.
    fn notation(&self, name: &str, param: &mut Param) -> Result<(), ImportError> {
        param.style = Some(ParamStyle::Form);
        param.explode = true;
        let encoding = self.encoding.as_ref().and_then(|encoding| encoding.member(name));
        let Some(encoding) = encoding.filter(|_| self.location == ParamLocation::FormData) else {
            return Ok(());
        };
        if let Some(style) = encoding.member("style") {
            param.style = match style.text()? {
                "form" => Some(ParamStyle::Form),
                "spaceDelimited" => Some(ParamStyle::SpaceDelimited),
                "pipeDelimited" => Some(ParamStyle::PipeDelimited),
                "deepObject" => None,
                _ => return Err(style.unknown("form, spaceDelimited, pipeDelimited and deepObject")),
            };
        }
        param.explode = encoding.flag("explode")?.unwrap_or(param.style == Some(ParamStyle::Form));
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::document::Document;
    use serde_json::{Value, json};

    /// Each parameter in short: place, name, type, then what is true of it.
    pub(crate) fn short(params: &[Param]) -> Vec<String> {
        let one = |param: &Param| {
            let kind = param.kind.map_or("any", ParamType::word);
            let flags = [
                (param.array, "list"),
                (param.required, "required"),
                (param.allow_empty_value, "empty"),
                (param.explode, "explode"),
            ];
            let flags: String =
                flags.iter().filter(|(set, _)| *set).map(|(_, word)| format!(" {word}")).collect();
            format!("{} {} {kind}{flags}", param.location.word(), param.name)
        };
        params.iter().map(one).collect()
    }

    fn openapi(body: Value) -> Result<Vec<String>, String> {
        let document = Document::of(json!({"openapi": "3.0.0", "body": body, "Pet": {"type": "object",
            "required": ["id", "name"], "properties": {
                "id": {"type": "integer", "readOnly": true}, "name": {"type": "string", "minLength": 1},
                "age": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}},
                "owner": {"type": "object", "properties": {"name": {"type": "integer"}}},
                "note": {"type": "string", "nullable": true}, "free": {"oneOf": [{"type": "string"}, {"type": "integer"}]}}}}))
        .unwrap();
        let params = openapi3(document.root().member("body").unwrap()).map_err(|error| error.to_string())?;
        Ok(short(&params))
    }

    fn body(media: &str, schema: Value) -> Value {
        json!({"required": true, "content": {media: {"schema": schema}}})
    }

    #[test]
    fn members_of_json() {
        let pet = json!({"$ref": "#/Pet"});
        let expected = [
            "json id integer",
            "json name string required",
            "json age integer",
            "json tags string list empty",
            "json owner object",
            "json note string empty",
            "json free any empty",
        ];
        assert_eq!(openapi(body("application/json", pet.clone())).unwrap(), expected);
        assert_eq!(openapi(body("application/vnd.pet+json; v=1", pet.clone())).unwrap(), expected);
        // Without the word that the body must be there no member must.
        let optional = openapi(json!({"content": {"application/json": {"schema": pet}}})).unwrap();
        assert_eq!(optional[1], "json name string");
    }

    #[test]
    fn several_media_types_are_alternatives() {
        let pet = json!({"schema": {"$ref": "#/Pet"}});
        let both = json!({"required": true, "content": {"application/json": pet, "application/xml": pet,
            "text/json": pet, "text/plain": {"schema": {"type": "integer"}}}});
        let found = openapi(both).unwrap();
        assert!(found.iter().all(|param| !param.contains("required")), "{found:?}");
        assert_eq!(found.iter().filter(|param| param.starts_with("json name")).count(), 1);
        assert_eq!(found.iter().filter(|param| param.starts_with("xml name")).count(), 1);
        assert_eq!(found.last().unwrap(), "body body any empty");
    }

    #[test]
    fn whole_bodies() {
        for (media, schema, expected) in [
            (
                "application/json",
                json!({"type": "array", "items": {"$ref": "#/Pet"}}),
                &["body body object list required"][..],
            ),
            ("application/json", json!({"type": "integer"}), &["body body integer required"]),
            ("application/json", json!({"type": "object"}), &["body body object required"]),
            ("application/json", json!({"oneOf": [{"$ref": "#/Pet"}]}), &["body body any required"]),
            ("text/plain", json!({"type": "string"}), &["body body any required"]),
            (
                "application/octet-stream",
                json!({"type": "string", "format": "binary"}),
                &["body body any required"],
            ),
            ("application/xml", json!({"type": "string"}), &[]),
        ] {
            assert_eq!(openapi(body(media, schema.clone())).unwrap(), expected, "{media} {schema}");
        }
    }

    #[test]
    fn fields_of_forms() {
        let schema = json!({"type": "object", "required": ["a"], "properties": {
            "a": {"type": "integer"}, "l": {"type": "array", "items": {"type": "integer"}}, "f": {"type": "string", "format": "binary"}}});
        let found = openapi(body("multipart/form-data", schema.clone())).unwrap();
        let expected = [
            "multipart a integer required explode",
            "multipart l integer list explode",
            "multipart f string empty explode",
        ];
        assert_eq!(found, expected);
        let form =
            json!({"content": {FORM: {"schema": schema, "encoding": {"l": {"style": "pipeDelimited"}}}}});
        assert_eq!(openapi(form).unwrap()[1], "formData l integer list");
        let wrong = json!({"content": {FORM: {"schema": schema, "encoding": {"l": {"style": "simple"}}}}});
        assert_eq!(
            openapi(wrong),
            Err("`#/body/content/application~1x-www-form-urlencoded/encoding/l/style`: it is `simple`: \
                 use one of form, spaceDelimited, pipeDelimited and deepObject"
                .to_owned())
        );
    }

    #[test]
    fn elements_of_xml() {
        let schema = json!({"properties": {
            "id": {"type": "integer", "xml": {"attribute": true}}, "name": {"type": "string", "xml": {"name": "Name"}},
            "tags": {"type": "array", "xml": {"wrapped": true, "name": "list"}, "items": {"type": "integer", "xml": {"name": "tag"}}},
            "urls": {"type": "array", "items": {"type": "string", "xml": {"name": "url"}}}}});
        let found = openapi(body("text/xml", schema)).unwrap();
        let expected = [
            "xml @id integer",
            "xml Name string empty",
            "xml list integer list",
            "xml url string list empty",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn members_are_put_together() {
        let schema = json!({"allOf": [{"$ref": "#/Pet"}, {"type": "object", "required": ["age"],
            "properties": {"age": {"minimum": 1}, "more": {"type": "boolean"}}}]});
        let found = openapi(body("application/json", schema)).unwrap();
        assert_eq!(found[2], "json age integer required");
        assert_eq!(found.last().unwrap(), "json more boolean");
        assert_eq!(found.len(), 8);
    }

    #[test]
    fn bodies_of_swagger() {
        let document = Document::of(json!({"swagger": "2.0", "body": {"name": "pet", "in": "body", "required": true,
            "schema": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}},
            "list": {"name": "ids", "in": "body", "schema": {"type": "array", "items": {"type": "integer"}}}}))
        .unwrap();
        let read = |name: &str, consumes: &[&str]| {
            let body = document.root().member(name).unwrap();
            short(&swagger2(&body, consumes).unwrap())
        };
        assert_eq!(read("body", &[]), ["json id integer required"]);
        assert_eq!(read("body", &["application/xml"]), ["xml id integer required"]);
        assert_eq!(
            read("body", &["application/json", "application/xml"]),
            ["json id integer", "xml id integer"]
        );
        assert_eq!(read("list", &[]), ["body ids integer list empty"]);
    }
}
