//! What in a request is not as its API says, and how audits tell it.

use crate::finding::Finding;
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::audit::AttackField;
use proofhouse_protocol::waas_policy::ParamLocation;

/// `type` of its audits.
pub(crate) const KIND: &str = "unexpectedAPI";

/// Most bytes of a value that an audit repeats.
const LONGEST: usize = 256;

/// One thing that is not as the API says.
#[derive(Debug, PartialEq)]
pub(super) enum Violation {
    /// The path is none of the API's.
    Path { path: String },
    /// The resource has no such method.
    Method { method: String, resource: String },
    /// The method has no such query parameter.
    Undeclared { name: String, method: String, resource: String },
    /// A parameter that must be there is not.
    Missing { place: ParamLocation, name: String },
    /// A value is not what it should be.
    Wrong { place: ParamLocation, name: String, value: String, why: String },
    /// A JSON body is none.
    NoJson,
}

impl Violation {
    /// As an audit tells it.
    pub(super) fn finding(self, effect: WaasEffect) -> Finding {
        let (message, kind, key, value) = match self {
            Self::Path { path } => {
                let path = cut(&path);
                (format!("Path {path} is not part of the API"), "url", String::new(), path)
            }
            Self::Method { method, resource } => {
                let message = format!("Method {} is not part of the API at {resource}", cut(&method));
                (message, "method", String::new(), cut(&method))
            }
            Self::Undeclared { name, method, resource } => {
                let name = cut(&name);
                let message = format!("Query parameter {name} is not part of the API at {method} {resource}");
                (message, "queryParamName", name.clone(), name)
            }
            Self::Missing { place, name } => {
                let what = if place == ParamLocation::Body { "body".to_owned() } else { what(place, &name) };
                let message = format!("Request has no {what}");
                (message, field_type(place), name, String::new())
            }
            Self::Wrong { place, name, value, why } => {
                let (what, value) = (what(place, &name), cut(&value));
                let mut letters = what.chars();
                let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
                let message = format!("{first}{} has the value {value}, which is {why}", letters.as_str());
                (message, field_type(place), name, value)
            }
            Self::NoJson => {
                ("Request body is no JSON to its end".to_owned(), "jsonBody", String::new(), String::new())
            }
        };
        let field = AttackField { kind: kind.to_owned(), key, value };
        Finding { field, ..Finding::firewall(KIND, effect, message) }
    }
}

/// A parameter in words.
fn what(place: ParamLocation, name: &str) -> String {
    let place = match place {
        ParamLocation::Path => "path parameter",
        ParamLocation::Query => "query parameter",
        ParamLocation::Cookie => "cookie",
        ParamLocation::Header => "header",
        ParamLocation::Body => return "request body".to_owned(),
        ParamLocation::Json => "JSON parameter",
        ParamLocation::Xml => "XML parameter",
        ParamLocation::FormData => "form parameter",
        ParamLocation::Multipart => "multipart parameter",
    };
    format!("{place} {name}")
}

/// `attackField.type` of a place.
fn field_type(place: ParamLocation) -> &'static str {
    match place {
        ParamLocation::Path => "url",
        ParamLocation::Query => "query",
        ParamLocation::Cookie => "cookie",
        ParamLocation::Header => "header",
        ParamLocation::Body => "rawBody",
        ParamLocation::Json => "jsonBody",
        ParamLocation::Xml => "xmlBody",
        ParamLocation::FormData => "formBody",
        ParamLocation::Multipart => "multipartBody",
    }
}

fn cut(text: &str) -> String {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audits_name_the_place_the_parameter_and_why() {
        let (method, resource) = ("GET".to_owned(), "/pet/{petId}".to_owned());
        let wrong = |place, name: &str| Violation::Wrong {
            place,
            name: name.to_owned(),
            value: "99".to_owned(),
            why: "less than 100".to_owned(),
        };
        for (violation, message, field) in [
            (Violation::Path { path: "/x".into() }, "Path /x is not part of the API", ("url", "", "/x")),
            (
                Violation::Method { method: method.clone(), resource: resource.clone() },
                "Method GET is not part of the API at /pet/{petId}",
                ("method", "", "GET"),
            ),
            (
                Violation::Undeclared { name: "q".into(), method, resource },
                "Query parameter q is not part of the API at GET /pet/{petId}",
                ("queryParamName", "q", "q"),
            ),
            (
                Violation::Missing { place: ParamLocation::Cookie, name: "sid".into() },
                "Request has no cookie sid",
                ("cookie", "sid", ""),
            ),
            (
                Violation::Missing { place: ParamLocation::Body, name: String::new() },
                "Request has no body",
                ("rawBody", "", ""),
            ),
            (
                wrong(ParamLocation::Query, "number"),
                "Query parameter number has the value 99, which is less than 100",
                ("query", "number", "99"),
            ),
            (
                wrong(ParamLocation::Json, "age"),
                "JSON parameter age has the value 99, which is less than 100",
                ("jsonBody", "age", "99"),
            ),
            (Violation::NoJson, "Request body is no JSON to its end", ("jsonBody", "", "")),
        ] {
            let found = violation.finding(WaasEffect::Alert);
            assert_eq!((found.kind, found.protection, found.effect), (KIND, "firewall", WaasEffect::Alert));
            assert_eq!(found.message, message);
            let AttackField { kind, key, value } = &found.field;
            assert_eq!((kind.as_str(), key.as_str(), value.as_str()), field);
        }
    }

    #[test]
    fn long_values_are_cut() {
        let path = "/ü".repeat(LONGEST);
        let found = Violation::Path { path }.finding(WaasEffect::Ban);
        assert_eq!(found.field.value.len(), LONGEST);
    }
}
