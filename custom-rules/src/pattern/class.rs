//! Classes of characters: `[...]`.

use super::PatternError;
use super::escape::{self, Escape};
use super::translate::{Cursor, literal};

const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// Writes the class that comes next.
pub(super) fn translate(cursor: &mut Cursor<'_>, out: &mut String) -> Result<(), PatternError> {
    let start = cursor.at();
    cursor.take();
    out.push('[');
    if cursor.eat("^") {
        out.push('^');
    }
    let mut first = true;
    loop {
        match cursor.peek() {
            None => {
                return Err(PatternError::new(start..start + 1, "this class of characters is not closed")
                    .advise("close it with `]`, or write `\\[` for a bracket"));
            }
            Some(']') if !first => {
                cursor.take();
                out.push(']');
                return Ok(());
            }
            Some('[') if cursor.rest().starts_with("[:") && cursor.rest().contains(":]") => {
                posix(cursor, out)?;
            }
            Some(_) => member(cursor, out)?,
        }
        first = false;
    }
}

/// `[:alpha:]`, `[:^alpha:]`.
fn posix(cursor: &mut Cursor<'_>, out: &mut String) -> Result<(), PatternError> {
    let start = cursor.at();
    let end = cursor.rest().find(":]").map_or(cursor.rest().len(), |at| at + 2);
    let text = &cursor.rest()[..end];
    cursor.eat(text);
    let name = text.trim_start_matches("[:").trim_start_matches('^').trim_end_matches(":]");
    if !POSIX.contains(&name) {
        return Err(PatternError::new(cursor.since(start), "unknown class of characters").advise(
            "classes are `[:alnum:]`, `[:alpha:]`, `[:digit:]`, `[:space:]`, `[:punct:]` and the like",
        ));
    }
    out.push_str(text);
    Ok(())
}

/// A character, a range, or an escape that is a class itself. Only what is a single character can begin a range.
fn member(cursor: &mut Cursor<'_>, out: &mut String) -> Result<(), PatternError> {
    let start = cursor.at();
    let Some(low) = one(cursor, out)? else {
        return Ok(());
    };
    literal(low, out);
    let behind = cursor.rest();
    if !behind.starts_with('-') || behind.starts_with("-]") || behind.len() < 2 {
        return Ok(());
    }
    cursor.take();
    let mut unused = String::new();
    let high = one(cursor, &mut unused)?;
    match high {
        Some(high) if high >= low => {
            out.push('-');
            literal(high, out);
            Ok(())
        }
        Some(_) => Err(PatternError::new(cursor.since(start), "this range ends before it begins")
            .advise("write `\\-` for a hyphen")),
        None => Err(PatternError::new(cursor.since(start), "a range between a character and a class")
            .advise("write `\\-` for a hyphen")),
    }
}

/// The next single character; none if it was a class, which has been written.
fn one(cursor: &mut Cursor<'_>, out: &mut String) -> Result<Option<char>, PatternError> {
    let start = cursor.at();
    if cursor.peek() != Some('\\') {
        return Ok(cursor.take());
    }
    match escape::read(cursor)? {
        Escape::Literal(character) => return Ok(Some(character)),
        Escape::Class { members, negated: false } => out.push_str(members),
        Escape::Class { members, negated: true } => {
            out.push_str("[^");
            out.push_str(members);
            out.push(']');
        }
        Escape::Property(property) => out.push_str(&property),
        Escape::Quoted(_) | Escape::Assertion(_) | Escape::Other(_) => {
            return Err(PatternError::new(cursor.since(start), "unknown escape in a class of characters")
                .advise("write a letter without a backslash if it stands for itself"));
        }
    }
    Ok(None)
}
