//! Plain lists: one payload a line.

use super::stem;
use crate::case::{Corpus, Expect};
use crate::place::Place;

pub(super) fn read(
    name: &str,
    bytes: &[u8],
    expect: Expect,
    places: &[Place],
    keep_percent: bool,
    host: &str,
) -> Corpus {
    let mut corpus = Corpus::default();
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let payload = line.strip_suffix(b"\r").unwrap_or(line);
        if payload.is_empty() {
            continue;
        }
        for place in places {
            let made = place.draft(payload, keep_percent).and_then(|draft| draft.bytes(host));
            corpus.add(format!("{name}:{} {place}", number + 1), stem(name), expect, payload, made);
        }
    }
    corpus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_payload_in_every_place() {
        let corpus =
            read("sqli.txt", b"a\r\n\n\xff\n", Expect::Blocked, &[Place::Query, Place::Json], false, "h");
        let ids: Vec<_> = corpus.cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids, ["sqli.txt:1 query", "sqli.txt:1 json", "sqli.txt:3 query"]);
        assert_eq!(corpus.cases[0].class, "sqli");
        assert_eq!(corpus.inexpressible[0].id, "sqli.txt:3 json");
    }
}
