//! DNS messages: the names that are judged are those that a server reads, and the answer asks the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofhouse_defender::wrapper::Question;
use proofhouse_fuzz::heap::measured;

fuzz_target!(|bytes: &[u8]| {
    let (question, heap) = measured(|| Question::parse(bytes));
    assert!(heap <= 256 * bytes.len() + (64 << 10), "{heap} bytes in use for {}", bytes.len());
    let Some(question) = question else { return };
    let asked = read(bytes).expect("what is a question can be read");
    let names: Vec<_> = asked.iter().map(|(name, kind)| (name.to_ascii_lowercase(), *kind)).collect();
    assert_eq!(question.names(), names);
    assert_eq!(question.id().to_be_bytes(), bytes[..2]);
    for (answer, code) in [(question.no_such_name(), 3), (question.server_failure(), 2)] {
        // Nothing can be said of more questions than a message has room for.
        if answer.is_empty() {
            continue;
        }
        assert!(answer.len() <= usize::from(u16::MAX));
        assert_eq!(answer[..2], bytes[..2]);
        assert_eq!((answer[2] & 0x80, answer[3] & 0x0f), (0x80, code));
        assert!(Question::parse(&answer).is_none(), "an answer is no question");
        assert_eq!(read(&answer).expect("an answer can be read"), asked);
    }
});

/// The names and types that a message asks for, as its format has them: labels between dots, a backslash before what would be read as
/// something else.
fn read(message: &[u8]) -> Option<Vec<(String, u16)>> {
    let word = |at: usize| Some(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]));
    let mut at = 12;
    let mut found = Vec::new();
    for _ in 0..word(4)? {
        let (name, behind) = name(message, at)?;
        found.push((name, word(behind)?));
        word(behind + 2)?;
        at = behind + 4;
    }
    Some(found)
}

/// A name, and where what is behind it begins.
fn name(message: &[u8], start: usize) -> Option<(String, usize)> {
    let (mut at, mut behind, mut labels) = (start, None, Vec::new());
    loop {
        let length = usize::from(*message.get(at)?);
        if length >= 0xc0 {
            let target = (length & 0x3f) << 8 | usize::from(*message.get(at + 1)?);
            behind = behind.or(Some(at + 2));
            // Back only, so that it ends.
            if target >= at {
                return None;
            }
            at = target;
        } else if length == 0 {
            return Some((labels.join("."), behind.unwrap_or(at + 1)));
        } else {
            labels.push(label(message.get(at + 1..at + 1 + length)?));
            at += 1 + length;
        }
    }
}

fn label(bytes: &[u8]) -> String {
    let shown = |byte: &u8| match char::from(*byte) {
        mark @ ('.' | '\\') => format!("\\{mark}"),
        mark if mark.is_ascii_graphic() => mark.to_string(),
        _ => format!("\\{byte:03}"),
    };
    bytes.iter().map(shown).collect()
}
