//! Repetitions.

use super::PatternError;
use super::translate::Cursor;

/// Largest bound.
const MOST: u32 = 1000;

/// Reads a repetition, which comes next, with the `?` that makes it lazy. None, and nothing read, if it is a `{` that
/// stands for itself.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Option<String>, PatternError> {
    let start = cursor.at();
    let mut repetition = match cursor.peek() {
        Some('{') => match bounds(cursor.rest()) {
            None => return Ok(None),
            Some(text) => {
                cursor.eat(text);
                check(cursor, start, text)?;
                text.to_owned()
            }
        },
        _ => cursor.take().map(String::from).unwrap_or_default(),
    };
    if cursor.eat("?") {
        repetition.push('?');
    }
    Ok(Some(repetition))
}

/// `{2}`, `{2,}` or `{2,3}` at the beginning of the text.
fn bounds(text: &str) -> Option<&str> {
    let end = text.find('}')?;
    let (least, most) = match text[1..end].split_once(',') {
        Some((least, most)) => (least, most),
        None => (&text[1..end], "0"),
    };
    let number =
        |text: &str| text.bytes().all(|b| b.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    (!least.is_empty() && number(least) && (most.is_empty() || number(most))).then_some(&text[..=end])
}

fn check(cursor: &Cursor<'_>, start: usize, text: &str) -> Result<(), PatternError> {
    let wrong = |message: &str| Err(PatternError::new(cursor.since(start), message));
    let inside = text.trim_matches(['{', '}']);
    let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
    let number = |text: &str| text.parse::<u32>().unwrap_or(u32::MAX);
    let (least, most) = (number(least), if most.is_empty() { None } else { Some(number(most)) });
    if least.max(most.unwrap_or(0)) > MOST {
        return wrong("a repetition has bounds of 1000 at most");
    }
    if most.is_some_and(|most| most < least) {
        return wrong("the upper bound is below the lower one");
    }
    Ok(())
}
