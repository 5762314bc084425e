//! What a request has that custom rules can ask for.

use proofhouse_model::requests::{Sent, Subject};

/// Texts longer than this are no facts.
const LONGEST: usize = 60;

/// Values of headers that every request has, or that change when it is tried again.
const COMMON: [&str; 4] = ["host", "accept", "x-forwarded-for", "content-length"];

/// The usual user agent.
const AGENT: &str = "shop-client/2.1";

/// A text that a request has.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    /// Where.
    pub of: Subject,
    /// The text.
    pub text: String,
    /// Whether few other requests have it.
    pub is_own: bool,
}

/// All of a request.
pub(super) fn facts(sent: &Sent) -> Vec<Fact> {
    let mut all = vec![
        (Subject::Method, sent.method.clone(), false),
        (Subject::Host, sent.header("host").unwrap_or_default().to_owned(), false),
        (Subject::FileExtension, "php".to_owned(), false),
        (Subject::Path, sent.path().to_owned(), sent.path() != "/"),
        (Subject::Body, sent.body.clone(), true),
    ];
    for (name, value) in &sent.headers {
        if COMMON.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            continue;
        }
        let is_own = value != AGENT;
        all.push((Subject::Header(name.clone()), value.clone(), is_own));
        all.push((Subject::HeaderNames, name.clone(), is_own));
        all.push((Subject::HeaderValues, value.clone(), is_own));
    }
    for (name, value) in sent.cookies() {
        let is_own = !["lang", "seen"].contains(&name);
        all.push((Subject::Cookie(name.to_owned()), value.to_owned(), is_own));
        all.push((Subject::CookieNames, name.to_owned(), is_own));
        all.push((Subject::CookieValues, value.to_owned(), is_own));
    }
    for (name, value) in sent.parameters() {
        let is_own = name != "page";
        all.push((Subject::QueryParam(name.to_owned()), value.to_owned(), is_own));
        all.push((Subject::QueryParamNames, name.to_owned(), is_own));
        all.push((Subject::QueryParamValues, value.to_owned(), is_own));
    }
    for field in &sent.fields {
        all.push((Subject::BodyParamValues, field.value.clone(), true));
    }
    let told = |text: &str| {
        !text.is_empty() && text.len() <= LONGEST && text.chars().all(|c| matches!(c, ' '..='~'))
    };
    all.into_iter()
        .filter(|(_, text, _)| told(text))
        .map(|(of, text, is_own)| Fact { of, text, is_own })
        .collect()
}
