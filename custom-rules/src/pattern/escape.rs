//! What stands behind a backslash.

use super::PatternError;
use super::translate::Cursor;

/// What an escape means.
#[derive(Debug)]
pub(super) enum Escape<'p> {
    Literal(char),
    /// Members as they stand within `[...]`.
    Class {
        members: &'static str,
        negated: bool,
    },
    /// `\p{...}` in the other syntax.
    Property(String),
    /// What stands between `\Q` and `\E`.
    Quoted(&'p str),
    /// Something that matches between characters, in the other syntax.
    Assertion(&'static str),
    /// Nothing known.
    Other(char),
}

const DIGITS: &str = "0-9";
const SPACES: &str = "\\t\\n\\x0c\\r\\x20";
const WORD: &str = "0-9A-Za-z_";

/// Reads an escape, of which the backslash comes next.
pub(super) fn read<'p>(cursor: &mut Cursor<'p>) -> Result<Escape<'p>, PatternError> {
    let start = cursor.at();
    cursor.take();
    let Some(name) = cursor.take() else {
        return Err(PatternError::new(cursor.since(start), "a backslash at the end")
            .advise("write `\\\\` for a backslash"));
    };
    let class = |members, negated| Escape::Class { members, negated };
    Ok(match name {
        'd' => class(DIGITS, false),
        'D' => class(DIGITS, true),
        's' => class(SPACES, false),
        'S' => class(SPACES, true),
        'w' => class(WORD, false),
        'W' => class(WORD, true),
        'b' => Escape::Assertion("(?-u:\\b)"),
        'B' => Escape::Assertion("(?-u:\\B)"),
        'A' => Escape::Assertion("\\A"),
        'z' => Escape::Assertion("\\z"),
        'a' => Escape::Literal('\u{7}'),
        'f' => Escape::Literal('\u{c}'),
        'n' => Escape::Literal('\n'),
        'r' => Escape::Literal('\r'),
        't' => Escape::Literal('\t'),
        'v' => Escape::Literal('\u{b}'),
        'p' | 'P' => property(cursor, start, name == 'P')?,
        'x' => hexadecimal(cursor, start)?,
        '0'..='9' => octal(cursor, start, name)?,
        'Q' => {
            let rest = cursor.rest();
            let quoted = rest.split("\\E").next().unwrap_or(rest);
            cursor.eat(quoted);
            cursor.eat("\\E");
            Escape::Quoted(quoted)
        }
        'Z' => {
            return Err(
                PatternError::new(cursor.since(start), "RE2 has no `\\Z`").advise("write `\\z` for the end")
            );
        }
        'u' | 'U' => {
            return Err(PatternError::new(cursor.since(start), format!("RE2 has no `\\{name}`"))
                .advise("write `\\x{HHHH}` for a character by its number"));
        }
        mark if mark.is_ascii() && !mark.is_ascii_alphanumeric() => Escape::Literal(mark),
        other => Escape::Other(other),
    })
}

/// `\pN`, `\p{Greek}`, `\p{^Greek}`.
fn property(cursor: &mut Cursor<'_>, start: usize, negated: bool) -> Result<Escape<'static>, PatternError> {
    let wrong = |cursor: &Cursor<'_>| {
        PatternError::new(cursor.since(start), "unknown class of characters")
            .advise("write a category or a script: `\\pL`, `\\p{Greek}`")
    };
    let (name, negated) = if cursor.eat("{") {
        let negated = cursor.eat("^") != negated;
        let Some((name, _)) = cursor.rest().split_once('}') else {
            return Err(wrong(cursor));
        };
        cursor.eat(name);
        cursor.eat("}");
        (name.to_owned(), negated)
    } else {
        (cursor.take().map(String::from).unwrap_or_default(), negated)
    };
    let letters =
        |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let property = format!("\\{}{{{name}}}", if negated { 'P' } else { 'p' });
    if !letters(&name) || regex::Regex::new(&property).is_err() {
        return Err(wrong(cursor));
    }
    Ok(Escape::Property(property))
}

/// `\x7F`, `\x{10FFFF}`.
fn hexadecimal(cursor: &mut Cursor<'_>, start: usize) -> Result<Escape<'static>, PatternError> {
    let digits = if cursor.eat("{") {
        let digits = cursor.rest().split_once('}').map(|(digits, _)| digits).unwrap_or_default();
        cursor.eat(digits);
        cursor.eat("}");
        digits
    } else {
        let digits = cursor.rest().get(..2).unwrap_or_default();
        cursor.eat(digits);
        digits
    };
    let proper = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let code = if proper { u32::from_str_radix(digits, 16).ok() } else { None };
    code.and_then(char::from_u32).map(Escape::Literal).ok_or_else(|| {
        PatternError::new(cursor.since(start), "this is no number of a character")
            .advise("write `\\xHH` or `\\x{HHHHHH}`")
    })
}

/// `\0` with up to two more octal digits, and `\1` to `\7` with one or two more.
fn octal(cursor: &mut Cursor<'_>, start: usize, first: char) -> Result<Escape<'static>, PatternError> {
    let mut code = first.to_digit(8);
    let mut digits = 1;
    while digits < 3
        && let (Some(so_far), Some(digit)) = (code, cursor.peek().and_then(|next| next.to_digit(8)))
    {
        code = Some(so_far * 8 + digit);
        cursor.take();
        digits += 1;
    }
    let refers = first != '0' && digits == 1;
    code.filter(|_| !refers).and_then(char::from_u32).map(Escape::Literal).ok_or_else(|| {
        PatternError::new(cursor.since(start), "RE2 has no references to groups")
            .advise("write `\\x{HH}` for a character by its number")
    })
}
