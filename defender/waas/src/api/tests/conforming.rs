//! Requests that are made of an API, and requests that are anything.

use super::super::{ApiProtection, Arrived};
use crate::RequestView;
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::{
    ApiMethod, ApiPath, ApiSpec, Endpoint, Param, ParamLocation, ParamStyle, ParamType,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// A parameter with values that it may have, as numbers for the generator to write.
#[derive(Debug, Clone)]
struct Filled {
    param: Param,
    values: Vec<Value>,
}

const LOCATIONS: [ParamLocation; 7] = [
    ParamLocation::Path,
    ParamLocation::Query,
    ParamLocation::Cookie,
    ParamLocation::Header,
    ParamLocation::Json,
    ParamLocation::FormData,
    ParamLocation::Multipart,
];

const KINDS: [ParamType; 4] = [ParamType::Integer, ParamType::Number, ParamType::Boolean, ParamType::String];

fn filled(number: usize) -> impl Strategy<Value = Filled> {
    let kind = select(&KINDS[..]);
    let value = (-1000i64..1000, "[a-z0-9]{1,8}", any::<bool>());
    let values = proptest::collection::vec(value, 1..4);
    (select(&LOCATIONS[..]), kind, any::<[bool; 3]>(), select(&[0, 1, 2][..]), values).prop_map(
        move |(location, kind, [required, array, explode], style, values)| {
            let mut param = Param::new(format!("p{number}"), location);
            let lists = [ParamStyle::SpaceDelimited, ParamStyle::PipeDelimited, ParamStyle::Form];
            let marks = [ParamStyle::Simple, ParamStyle::Label, ParamStyle::Matrix];
            param.style = match location {
                ParamLocation::Query | ParamLocation::FormData => Some(lists[style]),
                ParamLocation::Path => Some(marks[style]),
                _ => None,
            };
            (param.kind, param.required, param.array, param.explode) = (Some(kind), required, array, explode);
            if kind != ParamType::String {
                (param.min, param.max) = (Some(-1000.0), Some(1000.0));
            }
            let value = |(number, text, flag): (i64, String, bool)| match kind {
                ParamType::Integer => json!(number),
                ParamType::Number if location == ParamLocation::Path => json!(number),
                ParamType::Number => json!(number as f64 / 8.0),
                ParamType::Boolean => json!(flag),
                _ => json!(text),
            };
            let values = values.into_iter().take(if array { 4 } else { 1 }).map(value).collect();
            Filled { param, values }
        },
    )
}

fn parameters() -> impl Strategy<Value = Vec<Filled>> {
    (0usize..6).prop_flat_map(|count| (0..count).map(filled).collect::<Vec<_>>())
}

fn spec(parameters: &[Filled]) -> ApiSpec {
    let place = |filled: &Filled| format!("/{{{}}}", filled.param.name);
    let in_path = parameters.iter().filter(|filled| filled.param.location == ParamLocation::Path);
    let path = ApiPath {
        path: format!("/things{}", in_path.map(place).collect::<String>()),
        methods: vec![ApiMethod {
            method: "POST".to_owned(),
            parameters: parameters.iter().map(|filled| filled.param.clone()).collect(),
            extra: Map::new(),
        }],
        extra: Map::new(),
    };
    let endpoint: Endpoint =
        serde_json::from_value(json!({"exposedPort": 80, "basePath": "/api/*"})).unwrap();
    ApiSpec {
        endpoints: vec![endpoint],
        paths: vec![path],
        effect: WaasEffect::Prevent,
        fallback_effect: WaasEffect::Prevent,
        query_param_fallback_effect: WaasEffect::Prevent,
        ..ApiSpec::default()
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The values as one text, as the style has it.
fn joined(Filled { param, values }: &Filled) -> String {
    let texts: Vec<String> = values.iter().map(text).collect();
    match (param.style, param.explode && param.array) {
        (Some(ParamStyle::SpaceDelimited), _) => texts.join("%20"),
        (Some(ParamStyle::PipeDelimited), _) => texts.join("%7C"),
        (Some(ParamStyle::Label), exploded) => format!(".{}", texts.join(if exploded { "." } else { "," })),
        (Some(ParamStyle::Matrix), true) => {
            texts.iter().map(|text| format!(";{}={text}", param.name)).collect()
        }
        (Some(ParamStyle::Matrix), false) => format!(";{}={}", param.name, texts.join(",")),
        _ => texts.join(","),
    }
}

/// Each name with one of its texts.
fn pairs(parameters: &[Filled], location: ParamLocation) -> impl Iterator<Item = (&str, String)> {
    let here = parameters.iter().filter(move |filled| filled.param.location == location);
    here.flat_map(|filled| {
        let apart = filled.param.array && filled.param.explode;
        let texts = if apart { filled.values.iter().map(text).collect() } else { vec![joined(filled)] };
        texts.into_iter().map(|text| (filled.param.name.as_str(), text))
    })
}

/// A target, headers and a body that the specification allows; several kinds of body are not one, so all but the first are left away.
fn request(parameters: &mut Vec<Filled>) -> (String, Vec<(String, String)>, String) {
    let in_body = [ParamLocation::Json, ParamLocation::FormData, ParamLocation::Multipart];
    let location = |filled: &Filled| filled.param.location;
    let kind = parameters.iter().map(location).find(|location| in_body.contains(location));
    parameters.retain(|filled| !in_body.contains(&location(filled)) || Some(location(filled)) == kind);
    let here = |location| parameters.iter().filter(move |filled| filled.param.location == location);
    let segments = here(ParamLocation::Path).map(|filled| format!("/{}", joined(filled)));
    let join = |location| {
        let pairs = pairs(parameters, location).map(|(name, text)| format!("{name}={text}"));
        pairs.collect::<Vec<_>>()
    };
    let target =
        format!("/api/things{}?{}", segments.collect::<String>(), join(ParamLocation::Query).join("&"));
    let mut headers: Vec<_> = here(ParamLocation::Header)
        .map(|filled| (filled.param.name.to_uppercase(), joined(filled)))
        .collect();
    let cookies = join(ParamLocation::Cookie).join("; ");
    headers.push(("Cookie".to_owned(), cookies));
    let (media, body) = match kind {
        Some(ParamLocation::Json) => {
            let value = |Filled { param, values }: &Filled| {
                let value = if param.array { json!(values) } else { values[0].clone() };
                (param.name.clone(), value)
            };
            let members: Map<String, Value> = here(ParamLocation::Json).map(value).collect();
            ("application/json", Value::Object(members).to_string())
        }
        Some(ParamLocation::FormData) => {
            ("application/x-www-form-urlencoded", join(ParamLocation::FormData).join("&"))
        }
        Some(_) => {
            let part = |(name, text): (&str, String)| {
                format!("--XyZ\r\nContent-Disposition: form-data; name={name}\r\n\r\n{text}\r\n")
            };
            let parts: String = pairs(parameters, ParamLocation::Multipart).map(part).collect();
            ("multipart/form-data; boundary=XyZ", parts + "--XyZ--\r\n")
        }
        None => ("text/plain", String::new()),
    };
    headers.push(("Content-Type".to_owned(), media.to_owned()));
    (target, headers, body)
}

fn check(spec: &ApiSpec, target: &[u8], headers: &[(String, String)], body: &[u8]) -> Option<String> {
    let mut parts = target.splitn(2, |byte| *byte == b'?');
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let view = RequestView {
        method: "POST",
        path: parts.next().unwrap(),
        query: parts.next(),
        headers: &headers,
        has_body: !body.is_empty(),
        body,
        body_limit: 1 << 16,
        ..RequestView::default()
    };
    let arrived = Arrived { port: 80, encrypted: false, host: "h", body_read: true };
    ApiProtection::of(spec).unwrap().check(&view, &arrived).map(|found| found.message)
}

proptest! {
    #[test]
    fn what_is_made_of_an_api_conforms_to_it(mut parameters in parameters()) {
        let (target, headers, body) = request(&mut parameters);
        let spec = spec(&parameters);
        prop_assert_eq!(check(&spec, target.as_bytes(), &headers, body.as_bytes()), None);
    }

    #[test]
    fn a_wrong_value_does_not(mut parameters in parameters()) {
        if let Some(first) = parameters.iter_mut().find(|filled| filled.param.kind != Some(ParamType::String)) {
            first.values[0] = json!("wrong");
            let name = first.param.name.clone();
            let (target, headers, body) = request(&mut parameters);
            if parameters.iter().any(|filled| filled.param.name == name) {
                let found = check(&spec(&parameters), target.as_bytes(), &headers, body.as_bytes());
                prop_assert!(found.unwrap_or_default().contains("the value wrong, which is no"));
            }
        }
    }

    #[test]
    fn nothing_panics(
        parameters in parameters(),
        target in proptest::collection::vec(select(&b"/%2;F5cap0things=&?{}.\\\x00\xff"[..]), 0..60),
        name in select(&["Cookie", "P0", "Content-Encoding", "Connection"][..]),
        value in "[p0-9;=, \"a-c]{0,20}",
        media in select(&["application/json", "application/xml", "multipart/form-data; boundary=a", ""][..]),
        body in "[-<>/{}\\[\\]\":,a-p0-9=&\r\n;. ]{0,80}",
    ) {
        let headers =
            [(name.to_owned(), value), ("Content-Type".to_owned(), media.to_owned())];
        let _ = check(&spec(&parameters), &target, &headers, body.as_bytes());
        let below = [b"/api/things/".as_slice(), &target].concat();
        let _ = check(&spec(&parameters), &below, &headers, body.as_bytes());
    }
}
