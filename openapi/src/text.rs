//! JSON or YAML into a tree.

use crate::error::ImportError;
use crate::limits::LONGEST_DOCUMENT;
use crate::line::one_line;
use serde_json::Value;

/// Events of YAML that a document may consist of, and those that aliases may add: a small file must not stand for a huge one.
const MOST_EVENTS: usize = 1_000_000;
const MOST_ALIASED: usize = 100_000;

/// Characters that are shown of what the readers say.
const SHOWN: usize = 300;

/// Nesting of YAML; deeper documents could exhaust the stack.
const DEEPEST: usize = 64;

/// Reads a document.
pub(crate) fn read(text: &[u8]) -> Result<Value, ImportError> {
    if text.len() > LONGEST_DOCUMENT {
        return Err(ImportError::TooLong { bytes: text.len() });
    }
    let text = std::str::from_utf8(text).map_err(|_| ImportError::NoText)?;
    let text = text.trim_start_matches('\u{feff}');
    let json = match serde_json::from_str(text) {
        Ok(document) => return Ok(document),
        Err(error) => error,
    };
    yaml(text).map_err(|error| {
        // What looks like JSON was meant to be that.
        let is_json = text.trim_start().starts_with(['{', '[']);
        ImportError::Unreadable(if is_json { one_line(&json.to_string(), SHOWN) } else { error })
    })
}

fn yaml(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        budget: serde_saphyr::budget! { max_events: MOST_EVENTS, max_depth: DEEPEST, flow_nesting_limit: DEEPEST },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MOST_ALIASED },
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        // The message ends with the lines around the place, which an answer of the API has no room for.
        let message = error.without_snippet().to_string();
        one_line(message.lines().next().unwrap_or_default(), SHOWN)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_and_yaml_give_the_same_tree() {
        let tree = json!({"a": [1, 2.5, true, null], "200": {"$ref": "#/x"}, "yes": "on"});
        assert_eq!(read(tree.to_string().as_bytes()), Ok(tree.clone()));
        let yaml = "a: &a [1, 2.5, true, null]\n200:\n  $ref: '#/x'\nyes: on\n";
        assert_eq!(read(yaml.as_bytes()), Ok(tree.clone()));
        assert_eq!(read(format!("\u{feff}{tree}").as_bytes()), Ok(tree));
        assert_eq!(read(b"a: &x {b: 1}\nc: *x\n"), Ok(json!({"a": {"b": 1}, "c": {"b": 1}})));
    }

    #[test]
    fn what_is_no_document_says_where() {
        assert_eq!(
            read(&vec![b' '; LONGEST_DOCUMENT + 1]),
            Err(ImportError::TooLong { bytes: LONGEST_DOCUMENT + 1 })
        );
        assert_eq!(read(b"a: \xff"), Err(ImportError::NoText));
        for (text, words) in [
            ("{\"a\": 1,\n \"b\" 2}", "expected `:` at line 2 column 6"),
            ("a: [1\nb: 2", "line 2"),
            ("a: 1\na: 2", "line 2"),
        ] {
            let Err(ImportError::Unreadable(message)) = read(text.as_bytes()) else { panic!("{text}") };
            assert!(message.contains(words) && !message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn what_is_nested_as_deeply_as_people_do_is_read() {
        let steps: String = (0..60).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
        assert!(read(steps.as_bytes()).is_ok());
        assert!(read(format!("{}{}", "[".repeat(60), "]".repeat(60)).replace(']', " ]").as_bytes()).is_ok());
    }

    #[test]
    fn bombs_are_refused() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let below = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        let steps: String = (0..500).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
        for text in [bomb, deep, steps] {
            assert!(matches!(read(text.as_bytes()), Err(ImportError::Unreadable(_))));
        }
    }
}
