//! Payload x encoder x placeholder.

use super::{stem, yaml};
use crate::case::{Corpus, Expect};
use crate::draft::Draft;
use crate::encode::{by_name, percent_least};
use crate::place::Place;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Debug, Deserialize)]
struct File {
    payload: Vec<String>,
    encoder: Vec<String>,
    placeholder: Vec<Placeholder>,
    #[serde(rename = "type", default)]
    kind: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Placeholder {
    Name(String),
    Settings(BTreeMap<String, Settings>),
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Settings {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
}

const MARK: &str = "{{payload}}";
const NAME: &str = "a6f31c";

pub(super) fn read(name: &str, path: &Path, bytes: &[u8], host: &str) -> Result<Corpus, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no UTF-8".to_owned())?;
    let file: File = yaml(&lenient(text))?;
    let honest = path.components().any(|part| part.as_os_str() == "false-pos");
    let expect = if honest { Expect::Passed } else { Expect::Blocked };
    let class = if file.kind.is_empty() { stem(name) } else { &file.kind };
    let mut corpus = Corpus::default();
    for (number, payload) in file.payload.iter().enumerate() {
        for encoder in &file.encoder {
            for placeholder in &file.placeholder {
                let none = Settings::default();
                let both = match placeholder {
                    Placeholder::Name(place) => vec![(place, &none)],
                    Placeholder::Settings(map) => map.iter().collect(),
                };
                for (place, settings) in both {
                    let made = by_name(encoder, payload)
                        .ok_or_else(|| format!("the encoder {encoder} is unknown"))
                        .and_then(|encoded| draft(place, settings, &encoded))
                        .and_then(|draft| draft.bytes(host));
                    let id = format!("{name}#{} {encoder} {place}", number + 1);
                    corpus.add(id, class, expect, payload.as_bytes(), made);
                }
            }
        }
    }
    Ok(corpus)
}

fn draft(place: &str, settings: &Settings, payload: &str) -> Result<Draft, String> {
    let bytes = payload.as_bytes();
    let least = || percent_least(bytes);
    let target = |start: &str| Draft { target: [start.as_bytes(), &least()].concat(), ..Draft::default() };
    Ok(match place {
        "URLPath" => target("/"),
        "URLParam" => target(&format!("/?{NAME}=")),
        "Header" => Draft::default().header(&format!("X-{NAME}"), bytes),
        "UserAgent" => Place::UserAgent.draft(bytes, false)?,
        "RequestBody" => Draft { method: "POST".into(), body: bytes.to_vec(), ..Draft::default() },
        "HTMLForm" => Draft::post("application/x-www-form-urlencoded", format!("{NAME}={payload}")),
        "HTMLMultipartForm" => Place::Multipart.draft(bytes, false)?,
        "JSONRequest" => {
            Draft::post("application/json", serde_json::json!({"test": true, NAME: payload}).to_string())
        }
        "JSONBody" => Draft::post("application/json", bytes),
        "SOAPBody" => {
            let body = format!(
                "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Header/>\
                 <soapenv:Body><{NAME}>{payload}</{NAME}></soapenv:Body></soapenv:Envelope>"
            );
            Draft::post("text/xml", body).header("SOAPAction", "\"run\"")
        }
        "XMLBody" => Draft::post("text/xml", bytes),
        "RawRequest" => raw(settings, payload),
        "GraphQL" if settings.method.eq_ignore_ascii_case("GET") => target("/graphql?query="),
        "GraphQL" => Draft::post("application/json", serde_json::json!({"query": payload}).to_string()),
        other => return Err(format!("the placeholder {other} has no form in HTTP/1.1")),
    })
}

fn raw(settings: &Settings, payload: &str) -> Draft {
    let fill = |text: &str| text.replace(MARK, payload);
    let mut draft = Draft {
        method: settings.method.clone(),
        target: percent_least(fill(&settings.path).as_bytes()),
        body: fill(&settings.body).into_bytes(),
        ..Draft::default()
    };
    for (name, value) in &settings.headers {
        draft = draft.header(name, fill(value));
    }
    draft
}

/// `\'` inside double quotes, which these files have and YAML 1.2 has not, as `'`.
fn lenient(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('\'') => out.push('\''),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"---
payload:
  - "1\' or 1"
  - '<b>'
encoder: [Plain, Base64Flat]
placeholder:
  - URLParam
  - JSONRequest
  - gRPC
  - RawRequest:
      method: PUT
      path: "/x"
      headers: {X-Own: "a{{payload}}"}
      body: "{{payload}}!"
type: "Made up"
"#;

    #[test]
    fn every_combination_is_a_case() {
        let corpus = read("f.yaml", Path::new("owasp/f.yaml"), FILE.as_bytes(), "h").unwrap();
        assert_eq!((corpus.cases.len(), corpus.inexpressible.len()), (12, 4));
        let sent = |at: usize| String::from_utf8_lossy(&corpus.cases[at].request).into_owned();
        assert!(sent(0).starts_with("GET /?a6f31c=1'%20or%201 HTTP/1.1\r\n"), "{}", sent(0));
        assert!(sent(1).ends_with("{\"test\":true,\"a6f31c\":\"1' or 1\"}"));
        assert!(sent(2).starts_with("PUT /x HTTP/1.1") && sent(2).contains("X-Own: a1' or 1\r\n"));
        assert!(sent(2).ends_with("1' or 1!"));
        assert!(sent(3).contains("=MScgb3IgMQ HTTP"));
        assert_eq!(corpus.cases[0].class, "Made up");
        assert_eq!(corpus.cases[0].expect, Expect::Blocked);
        assert!(corpus.inexpressible[0].why.contains("gRPC"));
        let honest = read("f.yaml", Path::new("x/false-pos/f.yaml"), FILE.as_bytes(), "h").unwrap();
        assert_eq!(honest.cases[0].expect, Expect::Passed);
    }

    #[test]
    fn what_is_no_corpus_is_said() {
        let error = read("f.yaml", Path::new("f.yaml"), b"payload: 7", "h").unwrap_err();
        assert!(error.contains("line 1"), "{error}");
    }
}
