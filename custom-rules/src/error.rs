//! Why a script is refused.

use crate::language::{Fault, Span};
use crate::shorten::shortened;
use std::fmt;
use std::ops::Range;
use thiserror::Error;
use unicode_width::UnicodeWidthChar as _;

/// Columns of a terminal that are shown before what is wrong, and in all.
const BEFORE: usize = 50;
const SHOWN: usize = 100;

/// Longest message and longest advice, in bytes.
const LONGEST: usize = 600;

/// A tab is shown as so many spaces.
const TAB: &str = "    ";

/// Why a script is refused, and where.
///
/// Displayed on one line: `line 1, column 9: <what is wrong>; <what to do>`. [`ScriptError::underlined`] shows the
/// line of the script. Source: section 2.14 of `waas.md`, "syntax is checked on save".
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {message}{}", Behind(advice))]
pub struct ScriptError {
    line: usize,
    column: usize,
    span: Range<usize>,
    message: String,
    advice: Option<String>,
    excerpt: Excerpt,
}

/// Advice behind a message.
struct Behind<'a>(&'a Option<String>);

impl fmt::Display for Behind<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |advice| write!(out, "; {advice}"))
    }
}

/// The line of the script as it is shown, with what is underlined in columns of a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Excerpt {
    text: String,
    indent: usize,
    carets: usize,
}

impl ScriptError {
    pub(crate) fn new(script: &str, fault: Fault) -> Self {
        let Span { start, end } = fault.span;
        let before = script.get(..start).unwrap_or(script);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = script[line_start..].lines().next().unwrap_or_default();
        let column = before[line_start..].chars().count();
        let length = script.get(start..end).unwrap_or_default().chars().take_while(|c| *c != '\n').count();
        Self {
            line: before.matches('\n').count() + 1,
            column: column + 1,
            span: start..end,
            message: one_line(&fault.message),
            advice: fault.advice.as_deref().map(one_line),
            excerpt: Excerpt::of(line, column, length),
        }
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in characters, from 1; one more than the line has where something is missing at its end.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// What is wrong, in bytes of the script; empty where something is missing.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// What is wrong: a lower-case fragment.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it, if there is something to say.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// Several lines, the last without a line break: the message, the line of the script, carets below what is wrong,
    /// and the advice.
    ///
    /// A long line is shown in part, a tab as four spaces, and carets are as wide as the characters above them are in
    /// a terminal.
    #[must_use]
    pub fn underlined(&self) -> String {
        let line = self.line.to_string();
        let gutter = " ".repeat(line.len());
        let mut out = format!(
            "line {line}, column {}: {}\n{gutter} |\n{line} | {}\n{gutter} | {}{}",
            self.column,
            self.message,
            self.excerpt.text,
            " ".repeat(self.excerpt.indent),
            "^".repeat(self.excerpt.carets)
        );
        if let Some(advice) = &self.advice {
            out.push_str(&format!("\n{gutter} = {advice}"));
        }
        out
    }
}

impl Excerpt {
    /// What of `line` is shown when `length` characters from `column` (from 0) are wrong.
    fn of(line: &str, column: usize, length: usize) -> Self {
        let cells: Vec<(String, usize)> = line.chars().map(cell).collect();
        let column = column.min(cells.len());
        let end = (column + length).min(cells.len());
        let first = fitting(cells[..column].iter().rev(), BEFORE);
        let first = column - first;
        let shown = fitting(cells[first..].iter(), SHOWN).max(1);
        let last = (first + shown).min(cells.len());
        let prefix = if first > 0 { "..." } else { "" };
        let mut text = prefix.to_owned();
        text.extend(cells[first..last].iter().map(|(shown, _)| shown.as_str()));
        if last < cells.len() {
            text.push_str("...");
        }
        let width = |cells: &[(String, usize)]| cells.iter().map(|(_, width)| width).sum::<usize>();
        Self {
            text,
            indent: prefix.len() + width(&cells[first..column]),
            carets: width(&cells[column..end.min(last).max(column)]).max(1),
        }
    }
}

/// How many of the cells fit into so many columns.
fn fitting<'c>(cells: impl Iterator<Item = &'c (String, usize)>, columns: usize) -> usize {
    cells
        .scan(0, |used, (_, width)| {
            *used += width;
            Some(*used)
        })
        .take_while(|used| *used <= columns)
        .count()
}

/// What may have words of the script in it, on one line of bounded length.
fn one_line(text: &str) -> String {
    let shown = |character: char| if character.is_control() { ' ' } else { character };
    shortened(text.chars().map(shown).collect(), LONGEST)
}

/// How a character is shown, and how wide.
fn cell(character: char) -> (String, usize) {
    match character {
        '\t' => (TAB.to_owned(), TAB.len()),
        _ => match character.width() {
            Some(width) => (character.into(), width),
            None => (char::REPLACEMENT_CHARACTER.into(), 1),
        },
    }
}
