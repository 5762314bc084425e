//! Parameters that a document declares one by one.

use crate::document::Version;
use crate::error::ImportError;
use crate::node::Node;
use crate::schema::Facts;
use proofhouse_protocol::waas_policy::{Param, ParamLocation, ParamStyle, ParamType};

/// Headers that OpenAPI 3 describes elsewhere: as parameters they are to be ignored.
const NO_PARAMETERS: [&str; 3] = ["accept", "content-type", "authorization"];

/// What a document declares as one parameter.
#[derive(Debug, Clone)]
pub(crate) enum Declared<'d> {
    /// In the head of requests.
    Head(Param),
    /// The body, in Swagger 2.
    Body(Node<'d>),
    /// A field of a form, in Swagger 2, and whether it is a file.
    Field(Param, bool),
}

impl<'d> Declared<'d> {
    /// Nothing if it is to be ignored.
    pub(crate) fn of(written: Node<'d>) -> Result<Option<Self>, ImportError> {
        let node = written.resolved()?;
        node.object()?;
        let swagger = node.document.version == Version::Swagger2;
        let Some(place) = node.member("in") else {
            return Err(node.wrong("it has no `in`", "say where the parameter stands"));
        };
        let location = match place.text()? {
            "path" => ParamLocation::Path,
            "query" => ParamLocation::Query,
            "header" => ParamLocation::Header,
            "cookie" if !swagger => ParamLocation::Cookie,
            "formData" if swagger => ParamLocation::FormData,
            "body" if swagger => return Ok(Some(Self::Body(node))),
            _ if swagger => return Err(place.unknown("path, query, header, body and formData")),
            _ => return Err(place.unknown("path, query, header and cookie")),
        };
        let name = match node.text_of("name")? {
            Some(name) if !name.is_empty() => name,
            _ => return Err(node.wrong("it has no `name`", "give it one")),
        };
        let is_described_elsewhere = NO_PARAMETERS.iter().any(|known| known.eq_ignore_ascii_case(name));
        if !swagger && location == ParamLocation::Header && is_described_elsewhere {
            return Ok(None);
        }
        let mut param = Param::new(name, location);
        param.required = location == ParamLocation::Path || node.flag("required")?.unwrap_or(false);
        let facts = if swagger { swagger2(&node, &mut param)? } else { openapi3(&node, &mut param)? };
        let listed = matches!(location, ParamLocation::Query | ParamLocation::FormData);
        param.allow_empty_value = match node.flag("allowEmptyValue")?.filter(|_| listed) {
            Some(allowed) => allowed || facts.nullable,
            None if listed => facts.nullable,
            // A path has no empty segment where a value is.
            None if location == ParamLocation::Path => false,
            None => {
                facts.nullable
                    || (param.kind.is_none_or(|kind| kind == ParamType::String) && facts.may_be_empty)
            }
        };
        Ok(Some(match location {
            ParamLocation::FormData => Self::Field(param, facts.file),
            _ => Self::Head(param),
        }))
    }

    /// What makes it another parameter: name and place.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Head(one), Self::Head(other)) | (Self::Field(one, _), Self::Field(other, _)) => {
                let same = one.location == other.location;
                let header =
                    one.location == ParamLocation::Header && one.name.eq_ignore_ascii_case(&other.name);
                same && (one.name == other.name || header)
            }
            (Self::Body(_), Self::Body(_)) => true,
            _ => false,
        }
    }
}

/// Type, bounds and notation, by the rules of OpenAPI 3.
fn openapi3<'d>(node: &Node<'d>, param: &mut Param) -> Result<Facts<'d>, ImportError> {
    let in_list = matches!(param.location, ParamLocation::Query | ParamLocation::Cookie);
    let default = if in_list { ParamStyle::Form } else { ParamStyle::Simple };
    let style = match node.member("style") {
        None => Some(default),
        Some(style) => self::style(&style, param.location)?,
    };
    param.style = style;
    param.explode = node.flag("explode")?.unwrap_or(style == Some(ParamStyle::Form));
    let Some(schema) = node.member("schema") else {
        // With `content` the value is a document of its own.
        return Ok(Facts::open());
    };
    let facts = Facts::of(&schema)?;
    facts.tell(param)?;
    Ok(facts)
}

/// `deepObject` has no word in the policy, and objects no members.
fn style(written: &Node<'_>, location: ParamLocation) -> Result<Option<ParamStyle>, ImportError> {
    let word = written.text()?;
    Ok(Some(match (location, word) {
        (ParamLocation::Query, "form") | (ParamLocation::Cookie, "form" | "cookie") => ParamStyle::Form,
        (ParamLocation::Query, "spaceDelimited") => ParamStyle::SpaceDelimited,
        (ParamLocation::Query, "pipeDelimited") => ParamStyle::PipeDelimited,
        (ParamLocation::Query, "deepObject") => return Ok(None),
        (ParamLocation::Query, _) => {
            return Err(written.unknown("form, spaceDelimited, pipeDelimited and deepObject"));
        }
        (ParamLocation::Path, "simple") | (ParamLocation::Header, "simple") => ParamStyle::Simple,
        (ParamLocation::Path, "matrix") => ParamStyle::Matrix,
        (ParamLocation::Path, "label") => ParamStyle::Label,
        (ParamLocation::Path, _) => return Err(written.unknown("simple, matrix and label")),
        (ParamLocation::Cookie, _) => return Err(written.unknown("form")),
        _ => return Err(written.unknown("simple")),
    }))
}

/// Type, bounds and notation, by the rules of Swagger 2: the parameter is its own schema.
fn swagger2<'d>(node: &Node<'d>, param: &mut Param) -> Result<Facts<'d>, ImportError> {
    let facts = Facts::of(node)?;
    facts.tell(param)?;
    let in_list = matches!(param.location, ParamLocation::Query | ParamLocation::FormData);
    let comma = if in_list { ParamStyle::Form } else { ParamStyle::Simple };
    param.style = Some(comma);
    if let Some(format) = node.member("collectionFormat").filter(|_| param.array) {
        param.style = Some(match format.text()? {
            "csv" => comma,
            "ssv" => ParamStyle::SpaceDelimited,
            "tsv" => ParamStyle::TabDelimited,
            "pipes" => ParamStyle::PipeDelimited,
            "multi" if in_list => {
                param.explode = true;
                ParamStyle::Form
            }
            _ if in_list => return Err(format.unknown("csv, ssv, tsv, pipes and multi")),
            _ => return Err(format.unknown("csv, ssv, tsv and pipes")),
        });
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use serde_json::{Value, json};

    fn read(version: Value, parameter: Value) -> Result<Value, String> {
        let mut tree = version;
        tree["p"] = parameter;
        let document = Document::of(tree).unwrap();
        let declared =
            Declared::of(document.root().member("p").unwrap()).map_err(|error| error.to_string())?;
        Ok(match declared {
            None => Value::Null,
            Some(Declared::Head(param)) => serde_json::to_value(param).unwrap(),
            Some(Declared::Field(param, file)) => json!([param, file]),
            Some(Declared::Body(node)) => json!(node.place.to_string()),
        })
    }

    fn openapi(parameter: Value) -> Result<Value, String> {
        read(json!({"openapi": "3.0.0"}), parameter)
    }

    fn swagger(parameter: Value) -> Result<Value, String> {
        read(json!({"swagger": "2.0"}), parameter)
    }

    /// Style, list, explode and whether it may be empty.
    fn notation(read: Result<Value, String>) -> (String, bool, bool, bool) {
        let param = read.unwrap();
        let param = if param.is_array() { &param[0] } else { &param };
        let flag = |name: &str| param[name] == true;
        let style = param["style"].as_str().unwrap_or_default().to_owned();
        (style, flag("array"), flag("explode"), flag("allowEmptyValue"))
    }

    #[test]
    fn defaults_of_each_version() {
        let list = json!({"type": "array", "items": {"type": "integer"}});
        for (place, style, explode) in [
            ("query", "form", true),
            ("cookie", "form", true),
            ("path", "simple", false),
            ("header", "simple", false),
        ] {
            let found = openapi(json!({"name": "p", "in": place, "schema": list}));
            assert_eq!(notation(found), (style.to_owned(), true, explode, false), "{place}");
        }
        for (place, style) in
            [("query", "form"), ("formData", "form"), ("path", "simple"), ("header", "simple")]
        {
            let found =
                swagger(json!({"name": "p", "in": place, "type": "array", "items": {"type": "integer"}}));
            assert_eq!(notation(found), (style.to_owned(), true, false, false), "{place}");
        }
    }

    #[test]
    fn styles_and_formats_of_lists() {
        for (place, style, explode, expected) in [
            ("query", "spaceDelimited", None, ("spaceDelimited", false)),
            ("query", "pipeDelimited", Some(true), ("pipeDelimited", true)),
            ("query", "form", Some(false), ("form", false)),
            ("query", "deepObject", Some(true), ("", true)),
            ("path", "label", None, ("label", false)),
            ("path", "matrix", Some(true), ("matrix", true)),
        ] {
            let mut parameter =
                json!({"name": "p", "in": place, "style": style, "schema": {"type": "array"}});
            if let Some(explode) = explode {
                parameter["explode"] = json!(explode);
            }
            let found = openapi(parameter).unwrap();
            assert_eq!((found["style"].as_str().unwrap_or_default(), found["explode"] == true), expected);
        }
        for (format, expected) in [
            ("csv", ("form", false)),
            ("ssv", ("spaceDelimited", false)),
            ("tsv", ("tabDelimited", false)),
            ("pipes", ("pipeDelimited", false)),
            ("multi", ("form", true)),
        ] {
            let parameter = json!({"name": "p", "in": "query", "type": "array", "collectionFormat": format});
            let found = swagger(parameter).unwrap();
            assert_eq!((found["style"].as_str().unwrap(), found["explode"] == true), expected);
        }
    }

    #[test]
    fn a_parameter_whole() {
        let found = openapi(json!({"name": "n", "in": "query", "required": true, "allowEmptyValue": true,
            "schema": {"type": "integer", "minimum": 1, "maximum": 9}}));
        assert_eq!(
            found,
            Ok(
                json!({"name": "n", "location": "query", "type": "integer", "style": "form", "required": true,
                "allowEmptyValue": true, "array": false, "explode": true, "min": 1.0, "max": 9.0})
            )
        );
        let found = swagger(json!({"name": "f", "in": "formData", "type": "file", "required": true}));
        assert_eq!(
            found,
            Ok(
                json!([{"name": "f", "location": "formData", "type": "string", "style": "form", "required": true,
                "allowEmptyValue": false, "array": false, "explode": false}, true])
            )
        );
        assert_eq!(swagger(json!({"name": "b", "in": "body"})), Ok(json!("#/p")));
        assert_eq!(openapi(json!({"name": "Accept", "in": "header"})), Ok(Value::Null));
    }

    #[test]
    fn what_may_be_empty() {
        let empty = |place: &str, schema: Value| {
            notation(openapi(json!({"name": "p", "in": place, "required": true, "schema": schema}))).3
        };
        let text = json!({"type": "string"});
        assert!(!empty("query", text.clone()));
        assert!(empty("query", json!({"type": "string", "nullable": true})));
        assert!(empty("header", text.clone()) && empty("cookie", text.clone()));
        assert!(!empty("header", json!({"type": "string", "minLength": 1})));
        assert!(!empty("header", json!({"type": "integer"})));
        assert!(!empty("path", text));
        let content = openapi(json!({"name": "p", "in": "header", "content": {"application/json": {}}}));
        assert!(notation(content).3);
    }

    #[test]
    fn mistakes_have_a_place() {
        for (found, message) in [
            (openapi(json!([])), "`#/p`: it is a list: give an object"),
            (openapi(json!({"name": "p"})), "`#/p`: it has no `in`: say where the parameter stands"),
            (openapi(json!({"in": "query"})), "`#/p`: it has no `name`: give it one"),
            (openapi(json!({"in": "query", "name": 7})), "`#/p/name`: it is 7: give a text"),
            (
                openapi(json!({"name": "p", "in": "body"})),
                "`#/p/in`: it is `body`: use one of path, query, header and cookie",
            ),
            (
                swagger(json!({"name": "p", "in": "cookie"})),
                "`#/p/in`: it is `cookie`: use one of path, query, header, body and formData",
            ),
            (
                openapi(json!({"name": "p", "in": "query", "style": "simple"})),
                "`#/p/style`: it is `simple`: use one of form, spaceDelimited, pipeDelimited and deepObject",
            ),
            (
                openapi(json!({"name": "p", "in": "path", "style": "form"})),
                "`#/p/style`: it is `form`: use one of simple, matrix and label",
            ),
            (
                openapi(json!({"name": "p", "in": "header", "style": "form"})),
                "`#/p/style`: it is `form`: use one of simple",
            ),
            (
                openapi(json!({"name": "p", "in": "query", "required": "yes"})),
                "`#/p/required`: it is `yes`: give `true` or `false`",
            ),
            (
                swagger(json!({"name": "p", "in": "path", "type": "array", "collectionFormat": "multi"})),
                "`#/p/collectionFormat`: it is `multi`: use one of csv, ssv, tsv and pipes",
            ),
            (
                openapi(json!({"$ref": "#/components/parameters/p"})),
                "`#/p/$ref`: `#/components/parameters/p` is not in the document: refer to something that is there",
            ),
        ] {
            assert_eq!(found, Err(message.to_owned()));
        }
    }
}
