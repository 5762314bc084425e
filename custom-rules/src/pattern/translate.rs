//! From RE2's syntax to that of the `regex` crate.
//!
//! Where they differ: `\d`, `\s`, `\w` and `\b` are ASCII; in a class, `[`, `&&`, `--` and `~~` are themselves, and so
//! is a `-` behind `\s`; `{` that bounds no repetition is itself; `\<` and `\>` are themselves; `\Q...\E`, octal
//! escapes and `\p{^...}` exist; `\u`, `\Z`, stacked repetitions and the flags `x`, `u` and `R` do not.

use super::PatternError;
use super::class;
use super::escape::{self, Escape};
use super::repeat;
use std::ops::Range;

/// A place in a regular expression.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'p> {
    text: &'p str,
    at: usize,
}

impl<'p> Cursor<'p> {
    pub(super) fn new(text: &'p str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'p str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Goes behind `text` if that comes next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let next = self.rest().starts_with(text);
        if next {
            self.at += text.len();
        }
        next
    }

    /// What was passed since `start`.
    pub(super) fn since(&self, start: usize) -> Range<usize> {
        start..self.at
    }
}

/// Writes a character that stands for itself.
pub(super) fn literal(character: char, out: &mut String) {
    if character.is_ascii_alphanumeric() || character == '_' {
        out.push(character);
    } else {
        out.push_str(&format!("\\x{{{:x}}}", u32::from(character)));
    }
}

/// What came before, as far as a repetition minds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing that can be repeated.
    Nothing,
    Something,
    Repetition,
}

/// The same regular expression in the other syntax.
pub(super) fn translate(pattern: &str) -> Result<String, PatternError> {
    let mut cursor = Cursor::new(pattern);
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut open = Vec::new();
    let mut before = Before::Nothing;
    while let Some(next) = cursor.peek() {
        let start = cursor.at();
        before = match next {
            '(' => {
                let opens = group(&mut cursor, &mut out)?;
                if opens {
                    open.push(start);
                }
                // `(?i)` alone is nothing that can be repeated, as a group that has only begun.
                Before::Nothing
            }
            ')' => {
                cursor.take();
                if open.pop().is_none() {
                    return Err(PatternError::new(cursor.since(start), "this `)` closes no group")
                        .advise("write `\\)` for a parenthesis"));
                }
                out.push(')');
                Before::Something
            }
            '|' => {
                cursor.take();
                out.push('|');
                Before::Nothing
            }
            '*' | '+' | '?' | '{' => match repeat::read(&mut cursor)? {
                Some(repetition) => {
                    repeatable(before, cursor.since(start))?;
                    out.push_str(&repetition);
                    Before::Repetition
                }
                None => {
                    cursor.take();
                    literal('{', &mut out);
                    Before::Something
                }
            },
            '[' => {
                class::translate(&mut cursor, &mut out)?;
                Before::Something
            }
            '\\' => {
                escaped(&mut cursor, &mut out)?;
                Before::Something
            }
            '.' | '^' | '$' => {
                cursor.take();
                out.push(next);
                Before::Something
            }
            other => {
                cursor.take();
                literal(other, &mut out);
                Before::Something
            }
        };
    }
    match open.pop() {
        Some(start) => Err(PatternError::new(start..start + 1, "this group is not closed")
            .advise("close it with `)`, or write `\\(` for a parenthesis")),
        None => Ok(out),
    }
}

fn repeatable(before: Before, span: Range<usize>) -> Result<(), PatternError> {
    match before {
        Before::Something => Ok(()),
        Before::Nothing => Err(PatternError::new(span, "nothing to repeat before this")
            .advise("write a backslash before it if it stands for itself")),
        Before::Repetition => Err(PatternError::new(span, "a repetition of a repetition")
            .advise("put the first into a group: `(?:a*)*`")),
    }
}

/// `(`, with flags or a name. False if it was flags alone, which open nothing.
fn group(cursor: &mut Cursor<'_>, out: &mut String) -> Result<bool, PatternError> {
    let start = cursor.at();
    cursor.take();
    if !cursor.eat("?") {
        out.push('(');
        return Ok(true);
    }
    for ahead in ["=", "!", "<=", "<!", ">", "P=", "P>", "#", "|", "&", "R"] {
        if cursor.eat(ahead) {
            return Err(PatternError::new(
                cursor.since(start),
                "RE2 has no look-around, no references and no atomic groups",
            )
            .advise("combine conditions instead: `... contains /.../ and not ... contains /.../`"));
        }
    }
    if cursor.eat("P<") || cursor.eat("<") {
        return named(cursor, out, start);
    }
    let flags = cursor.at();
    while matches!(cursor.peek(), Some('i' | 'm' | 's' | 'U' | '-')) {
        cursor.take();
    }
    let flags = &cursor.text[flags..cursor.at()];
    let opens = cursor.eat(":");
    let alone = !opens && !flags.is_empty() && cursor.eat(")");
    if (opens || alone) && !flags.ends_with('-') && flags.matches('-').count() < 2 {
        out.push_str(&format!("(?{flags}{}", if opens { ":" } else { ")" }));
        return Ok(opens);
    }
    if !opens && !alone {
        cursor.take();
    }
    Err(PatternError::new(cursor.since(start), "unknown group or flag")
        .advise("flags are `i`, `m`, `s` and `U`: `(?i)`, `(?i-s:...)`"))
}

/// The rest of `(?P<name>` or `(?<name>`.
fn named(cursor: &mut Cursor<'_>, out: &mut String, start: usize) -> Result<bool, PatternError> {
    let at = cursor.at();
    while cursor.peek().is_some_and(|next| next.is_ascii_alphanumeric() || next == '_') {
        cursor.take();
    }
    let name = &cursor.text[at..cursor.at()];
    if !cursor.eat(">") || name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(PatternError::new(cursor.since(start), "this group has no proper name")
            .advise("write `(?P<name>...)` with letters, digits and `_`"));
    }
    out.push_str("(?P<");
    out.push_str(name);
    out.push('>');
    Ok(true)
}

/// An escape outside classes.
fn escaped(cursor: &mut Cursor<'_>, out: &mut String) -> Result<(), PatternError> {
    let start = cursor.at();
    match escape::read(cursor)? {
        Escape::Literal(character) => literal(character, out),
        Escape::Class { members, negated } => {
            out.push_str(if negated { "[^" } else { "[" });
            out.push_str(members);
            out.push(']');
        }
        Escape::Property(property) => out.push_str(&property),
        Escape::Quoted(text) => {
            // As one that can be repeated, although RE2 would repeat only the last character of it.
            text.chars().for_each(|character| literal(character, out));
            if text.is_empty() {
                out.push_str("(?:)");
            }
        }
        Escape::Assertion(assertion) => out.push_str(assertion),
        Escape::Other(name) => {
            return Err(PatternError::new(cursor.since(start), format!("unknown escape `\\{name}`"))
                .advise("write a letter without a backslash if it stands for itself"));
        }
    }
    Ok(())
}
