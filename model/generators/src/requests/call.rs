//! A request as an API declares it, or nearly.

use proofhouse_model::requests::{Document, FieldOfBody, Given, Member, Spot};

/// Between the parts of multipart bodies.
pub(super) const BOUNDARY: &str = "cut";

/// What a request has beside its method, host and port; all as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Call {
    /// Path.
    pub path: String,
    /// Names and values of the query.
    pub query: Vec<(String, String)>,
    /// Headers of the app's own.
    pub headers: Vec<(String, String)>,
    /// Names and values of cookies.
    pub cookies: Vec<(String, String)>,
    /// What its body says.
    pub body: Option<Document>,
    /// What about it is not as declared, for coverage reports.
    pub what: &'static str,
}

impl Call {
    /// Path and query.
    pub(super) fn target(&self) -> String {
        let pairs: Vec<_> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, pairs.join("&")) }
    }

    /// Its headers but the usual ones, without those of the body.
    pub(super) fn all_headers(&self) -> Vec<(String, String)> {
        let mut all = self.headers.clone();
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            all.push(("Cookie".to_owned(), cookies.join("; ")));
        }
        all
    }

    /// `Content-Type`, if it has a body.
    pub(super) fn content_type(&self) -> Option<String> {
        self.body.as_ref().map(|document| match document.kind {
            Spot::FormBody => "application/x-www-form-urlencoded".to_owned(),
            Spot::MultipartBody => format!("multipart/form-data; boundary={BOUNDARY}"),
            Spot::XmlBody => "application/xml".to_owned(),
            _ => "application/json".to_owned(),
        })
    }

    /// The body as it is written.
    pub(super) fn written_body(&self) -> String {
        let Some(Document { kind, members }) = &self.body else { return String::new() };
        let each = |written: &dyn Fn(&Member) -> String| members.iter().map(written).collect::<Vec<_>>();
        match kind {
            Spot::FormBody => {
                let pair = |one: &Member| format!("{}={}", one.name, form(&text(&one.given)));
                each(&pair).join("&")
            }
            Spot::MultipartBody => {
                let part = |one: &Member| {
                    let (name, text) = (&one.name, text(&one.given));
                    format!(
                        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
                    )
                };
                format!("{}--{BOUNDARY}--\r\n", each(&part).concat())
            }
            Spot::XmlBody => {
                let child = |one: &Member| format!("<{0}>{1}</{0}>", one.name, text(&one.given));
                format!("<order>{}</order>", each(&child).concat())
            }
            _ => {
                let member = |one: &Member| format!("\"{}\": {}", one.name, json(&one.given));
                format!("{{{}}}", each(&member).join(", "))
            }
        }
    }

    /// Texts of the fields of the body.
    pub(super) fn fields(&self) -> Vec<FieldOfBody> {
        let members = self.body.iter().flat_map(|document| &document.members);
        let texts = members.filter_map(|one| match &one.given {
            Given::Text(value) => Some(FieldOfBody { written: value.clone(), value: value.clone() }),
            _ => None,
        });
        texts.collect()
    }

    /// The same with something less.
    pub(super) fn simpler(&self) -> Vec<Self> {
        let mut all = Vec::new();
        let without = |pairs: &[(String, String)], out: usize| {
            let left = pairs.iter().enumerate().filter(|(at, _)| *at != out);
            left.map(|(_, pair)| pair.clone()).collect::<Vec<_>>()
        };
        all.extend((0..self.query.len()).map(|at| Self { query: without(&self.query, at), ..self.clone() }));
        let headers = 0..self.headers.len();
        all.extend(headers.map(|at| Self { headers: without(&self.headers, at), ..self.clone() }));
        let cookies = 0..self.cookies.len();
        all.extend(cookies.map(|at| Self { cookies: without(&self.cookies, at), ..self.clone() }));
        if let Some(document) = &self.body {
            all.push(Self { body: None, ..self.clone() });
            for at in 0..document.members.len() {
                let mut next = document.clone();
                next.members.remove(at);
                all.push(Self { body: Some(next), ..self.clone() });
            }
        }
        if self.path != "/" {
            all.push(Self { path: "/".to_owned(), ..self.clone() });
        }
        all
    }
}

fn text(given: &Given) -> String {
    if let Given::Text(text) = given { text.clone() } else { String::new() }
}

/// As forms write a text of words, digits, and marks of lists.
fn form(text: &str) -> String {
    text.replace(' ', "+").replace('|', "%7C").replace('\t', "%09")
}

fn json(given: &Given) -> String {
    match given {
        Given::Text(text) => format!("\"{text}\""),
        Given::Number(number) => number.clone(),
        Given::Truth(truth) => truth.to_string(),
        Given::Null => "null".to_owned(),
        Given::List(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(", ")),
        Given::Members => "{}".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_written_as_its_kind_is() {
        let member = |name: &str, given| Member { name: name.to_owned(), given };
        let texts =
            || vec![member("n", Given::Text("1|2".to_owned())), member("w", Given::Text("a b".to_owned()))];
        let written =
            |kind, members| Call { body: Some(Document { kind, members }), ..Call::default() }.written_body();
        assert_eq!(written(Spot::FormBody, texts()), "n=1%7C2&w=a+b");
        assert_eq!(written(Spot::XmlBody, texts()), "<order><n>1|2</n><w>a b</w></order>");
        let list = Given::List(vec![Given::Number("1".to_owned()), Given::Null, Given::Truth(true)]);
        let members =
            vec![member("l", list), member("o", Given::Members), member("t", Given::Text("x".to_owned()))];
        assert_eq!(written(Spot::JsonBody, members), "{\"l\": [1, null, true], \"o\": {}, \"t\": \"x\"}");
        assert!(written(Spot::MultipartBody, texts()).ends_with("name=\"w\"\r\n\r\na b\r\n--cut--\r\n"));
    }
}
