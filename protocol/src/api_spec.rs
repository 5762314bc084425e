//! Where an app answers, and what its API is (`waas.APISpec`; section 1.4 of `reference/waas.md`).

use crate::WaasEffect;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// Endpoints and API of an app. Without paths there is no API that a request could violate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct ApiSpec {
    /// For people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Where the app answers.
    #[serde(default)]
    pub endpoints: Vec<Endpoint>,
    /// Resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<ApiPath>,
    /// For parameters that are not as declared.
    #[serde(default)]
    pub effect: WaasEffect,
    /// For paths and methods that are not declared.
    #[serde(default)]
    pub fallback_effect: WaasEffect,
    /// For query parameters that are not declared, where nothing else is wrong.
    #[serde(default)]
    pub query_param_fallback_effect: WaasEffect,
    /// Everything else of the schema.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One protected endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// Host name or address, `*` wildcards.
    #[serde(default = "star")]
    pub host: String,
    /// Base path; a trailing `*` covers everything below.
    #[serde(default = "star")]
    pub base_path: String,
    /// The WAAS port, where the Defender listens.
    pub exposed_port: u16,
    /// The app's port, where the Defender forwards to.
    #[serde(default)]
    pub internal_port: u16,
    /// Whether the Defender terminates TLS.
    #[serde(default)]
    pub tls: bool,
    /// Whether HTTP/2 is served.
    #[serde(default)]
    pub http2: bool,
    /// Whether gRPC is served.
    #[serde(default)]
    pub grpc: bool,
    /// Everything else of the schema.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

fn star() -> String {
    "*".to_owned()
}

/// One resource (`waas.Path`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiPath {
    /// Below the base path of the endpoint; `{name}` stands for a value.
    pub path: String,
    /// What may be done with it.
    #[serde(default)]
    pub methods: Vec<ApiMethod>,
    /// Everything else of the schema.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One method of a resource (`waas.Method`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiMethod {
    /// In capitals.
    pub method: String,
    /// What it takes.
    #[serde(default)]
    pub parameters: Vec<Param>,
    /// Everything else of the schema.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One parameter of a method (`waas.Param`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Param {
    /// Name; of a header, in any case; none of a whole body.
    #[serde(default)]
    pub name: String,
    /// Where it stands.
    pub location: ParamLocation,
    /// Type, of the elements where there may be several; absent is any.
    #[serde(rename = "type", default, deserialize_with = "known", skip_serializing_if = "Option::is_none")]
    pub kind: Option<ParamType>,
    /// How several values are written; absent is the location's own style.
    #[serde(default, deserialize_with = "known", skip_serializing_if = "Option::is_none")]
    pub style: Option<ParamStyle>,
    /// Whether it must be there.
    #[serde(default)]
    pub required: bool,
    /// Whether its value may be empty.
    #[serde(default)]
    pub allow_empty_value: bool,
    /// Whether it may have several values.
    #[serde(default)]
    pub array: bool,
    /// Whether several values are written as several parameters.
    #[serde(default)]
    pub explode: bool,
    /// Least number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Greatest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Everything else of the schema.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Param {
    /// A parameter of which nothing else is said.
    #[must_use]
    pub fn new(name: impl Into<String>, location: ParamLocation) -> Self {
        Self {
            name: name.into(),
            location,
            kind: None,
            style: None,
            required: false,
            allow_empty_value: false,
            array: false,
            explode: false,
            min: None,
            max: None,
            extra: Map::new(),
        }
    }
}

/// Exporters write an empty text where there is none.
fn known<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Word<T> {
        Known(T),
        Other(Option<String>),
    }
    match Word::deserialize(deserializer)? {
        Word::Known(word) => Ok(Some(word)),
        Word::Other(None) => Ok(None),
        Word::Other(Some(text)) if text.is_empty() => Ok(None),
        Word::Other(Some(text)) => {
            Err(serde::de::Error::custom(format!("`{text}` is no word of the schema")))
        }
    }
}

/// Makes an enum of words of the schema, with all of them in a list.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All of them, as the schema writes them.
            pub const WORDS: &[&str] = &[$($word),*];

            /// The word of the schema.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

words! {
    /// Where a parameter stands.
    ParamLocation {
        /// In the place of `{name}`.
        Path = "path",
        /// In the query.
        Query = "query",
        /// In a cookie.
        Cookie = "cookie",
        /// In a header.
        Header = "header",
        /// The whole body.
        Body = "body",
        /// A member of a JSON body.
        Json = "json",
        /// An element of an XML body.
        Xml = "xml",
        /// A field of a form.
        FormData = "formData",
        /// A part of a multipart body.
        Multipart = "multipart",
    }
}

words! {
    /// What a value is.
    ParamType {
        /// A whole number.
        Integer = "integer",
        /// A number.
        Number = "number",
        /// Text.
        String = "string",
        /// `true` or `false`.
        Boolean = "boolean",
        /// A list.
        Array = "array",
        /// Members under names.
        Object = "object",
    }
}

words! {
    /// How several values are written.
    ParamStyle {
        /// `a,b`.
        Simple = "simple",
        /// `a b`.
        SpaceDelimited = "spaceDelimited",
        /// With tabulators between them.
        TabDelimited = "tabDelimited",
        /// `a|b`.
        PipeDelimited = "pipeDelimited",
        /// `name=a,b`, or `name=a&name=b` if exploded.
        Form = "form",
        /// `;name=a,b`, or `;name=a;name=b` if exploded.
        Matrix = "matrix",
        /// `.a,b`, or `.a.b` if exploded.
        Label = "label",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_specification_survives_a_round_trip() {
        let written = json!({
            "description": "Shop", "custom": 1,
            "endpoints": [{"host": "*", "basePath": "/api/*", "exposedPort": 80, "internalPort": 8080,
                "tls": false, "http2": false, "grpc": false}],
            "paths": [{"path": "/pet/{petId}", "note": "n", "methods": [{"method": "GET", "id": 7, "parameters": [
                {"name": "petId", "location": "path", "type": "integer", "style": "simple", "required": true,
                 "allowEmptyValue": false, "array": false, "explode": false, "min": 1.0, "max": 2.5, "x": null}]}]}],
            "effect": "alert", "fallbackEffect": "prevent", "queryParamFallbackEffect": "ban"
        });
        let spec: ApiSpec = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(&spec).unwrap(), written);
        let param = &spec.paths[0].methods[0].parameters[0];
        assert_eq!((param.kind, param.style), (Some(ParamType::Integer), Some(ParamStyle::Simple)));
    }

    #[test]
    fn what_is_absent_has_a_default() {
        let spec: ApiSpec = serde_json::from_value(json!({})).unwrap();
        assert_eq!(spec, ApiSpec::default());
        let param: Param =
            serde_json::from_value(json!({"name": "q", "location": "query", "type": "", "style": ""}))
                .unwrap();
        assert_eq!(param, Param::new("q", ParamLocation::Query));
    }

    #[test]
    fn unknown_words_are_refused() {
        for wrong in [json!({"location": "moon"}), json!({"location": "path", "type": "file"}), json!({})] {
            assert!(serde_json::from_value::<Param>(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn words_are_those_that_are_written() {
        for word in ParamLocation::WORDS {
            let location: ParamLocation = serde_json::from_value(json!(word)).unwrap();
            assert_eq!(location.word(), *word);
        }
        assert_eq!((ParamType::WORDS.len(), ParamStyle::WORDS.len()), (6, 7));
    }

    fn param() -> impl Strategy<Value = Param> {
        let word = |words: &'static [&'static str]| proptest::sample::select(words);
        let bound = || proptest::option::of(-1e9..1e9f64);
        let flags = any::<[bool; 4]>();
        (
            ".{0,12}",
            word(ParamLocation::WORDS),
            proptest::option::of(word(ParamType::WORDS)),
            proptest::option::of(word(ParamStyle::WORDS)),
            flags,
            bound(),
            bound(),
        )
            .prop_map(
                |(name, location, kind, style, [required, empty, array, explode], min, max)| Param {
                    kind: kind.map(|word| serde_json::from_value(json!(word)).unwrap()),
                    style: style.map(|word| serde_json::from_value(json!(word)).unwrap()),
                    required,
                    allow_empty_value: empty,
                    array,
                    explode,
                    min,
                    max,
                    ..Param::new(name, serde_json::from_value(json!(location)).unwrap())
                },
            )
    }

    proptest! {
        #[test]
        fn any_parameter_comes_back(param in param()) {
            let text = serde_json::to_string(&param).unwrap();
            prop_assert_eq!(serde_json::from_str::<Param>(&text).unwrap(), param);
        }
    }
}
