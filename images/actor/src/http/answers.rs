//! Answers that the harness has asked for, by path.

use proofhouse_protocol::actor::OwnAnswer;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

static ANSWERS: Mutex<BTreeMap<String, OwnAnswer>> = Mutex::new(BTreeMap::new());

/// Answers requests of that path so from now on.
pub fn answer_with(path: &str, answer: &OwnAnswer) {
    ANSWERS.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), answer.clone());
}

/// What a request of that target is answered with, if it is not the usual text.
pub(super) fn own(target: &str) -> Option<OwnAnswer> {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    ANSWERS.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
}

/// The bytes of such an answer.
pub(super) fn bytes(answer: &OwnAnswer, head_only: bool, keep: bool) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {} Own Answer\r\n", answer.status);
    for (name, value) in &answer.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let connection = if keep { "keep-alive" } else { "close" };
    text.push_str(&format!("Content-Length: {}\r\nConnection: {connection}\r\n\r\n", answer.body.len()));
    if !head_only {
        text.push_str(&answer.body);
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_the_answer_that_was_asked_for_last() {
        let answer = |body: &str| OwnAnswer {
            status: 404,
            headers: vec![("X-a".to_owned(), "b".to_owned())],
            body: body.to_owned(),
        };
        answer_with("/only-here", &answer("one"));
        answer_with("/only-here", &answer("two"));
        assert!(own("/only-here/below").is_none());
        let found = own("/only-here?a=b").expect("the path has an answer");
        let text = String::from_utf8(bytes(&found, false, false)).expect("it is text");
        assert_eq!(
            text,
            "HTTP/1.1 404 Own Answer\r\nX-a: b\r\nContent-Length: 3\r\nConnection: close\r\n\r\ntwo"
        );
        assert!(bytes(&found, true, true).ends_with(b"Connection: keep-alive\r\n\r\n"));
    }
}
