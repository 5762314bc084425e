//! From text to tokens.

use super::fault::Fault;
use super::token::{Lexeme, Span, Token};
use winnow::Parser;
use winnow::ascii::{digit1, multispace0};
use winnow::combinator::{alt, fail, opt, peek, preceded, repeat, terminated};
use winnow::error::ErrMode;
use winnow::stream::{LocatingSlice, Location};
use winnow::token::{any, literal, one_of, take_while};

type Input<'s> = LocatingSlice<&'s str>;
type Parsed<T> = Result<T, ErrMode<Fault>>;

/// The tokens of the script and, behind them, [`Token::End`].
pub(crate) fn tokens(script: &str) -> Result<Vec<Lexeme>, Fault> {
    let mut input = LocatingSlice::new(script);
    let read: Parsed<Vec<Lexeme>> =
        preceded(multispace0, repeat(0.., terminated(lexeme, multispace0))).parse_next(&mut input);
    let mut lexemes = read.map_err(told)?;
    lexemes.push(Lexeme { token: Token::End, span: Span { start: script.len(), end: script.len() } });
    Ok(lexemes)
}

/// The fault of what was committed to; nothing else remains, because any character but the end is.
fn told(error: ErrMode<Fault>) -> Fault {
    match error {
        ErrMode::Backtrack(fault) | ErrMode::Cut(fault) => fault,
        ErrMode::Incomplete(_) => Fault::new(Span { start: 0, end: 0 }, "the script is incomplete"),
    }
}

fn lexeme(input: &mut Input<'_>) -> Parsed<Lexeme> {
    alt((text, pattern, integer, word, mark, foreign))
        .with_span()
        .map(|(token, span)| Lexeme { token, span: span.into() })
        .parse_next(input)
}

fn cut<T>(fault: Fault) -> Parsed<T> {
    Err(ErrMode::Cut(fault))
}

/// `"..."`, in which `\"`, `\\`, `\/`, `\n`, `\r` and `\t` stand for one character.
fn text(input: &mut Input<'_>) -> Parsed<Token> {
    let start = input.current_token_start();
    literal("\"").parse_next(input)?;
    let mut text = String::new();
    loop {
        let at = input.current_token_start();
        let Some(character) = opt(any).parse_next(input)? else {
            return cut(Fault::new(Span { start, end: at }, "the string is not closed")
                .advise("end it with `\"`, and write a quote within it as `\\\"`"));
        };
        match character {
            '"' => return Ok(Token::Text(text)),
            '\\' => text.push(escape(input, at)?),
            other => text.push(other),
        }
    }
}

/// What stands behind a backslash in a string.
fn escape(input: &mut Input<'_>, at: usize) -> Parsed<char> {
    Ok(match opt(any).parse_next(input)? {
        Some(character @ ('"' | '\\' | '/')) => character,
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        other => {
            let end = input.current_token_start();
            let shown = other.map(String::from).unwrap_or_default();
            return cut(Fault::new(
                Span { start: at, end },
                format!("unknown escape `\\{shown}` in a string"),
            )
            .advise("write `\\\\` for a backslash, or compare with a regular expression: `contains /.../`"));
        }
    })
}

/// `/.../`: up to the first slash that has no backslash before it.
fn pattern(input: &mut Input<'_>) -> Parsed<Token> {
    let start = input.current_token_start();
    literal("/").parse_next(input)?;
    let mut pattern = String::new();
    loop {
        let at = input.current_token_start();
        match opt(any).parse_next(input)? {
            Some('/') => break,
            Some('\\') => {
                pattern.push('\\');
                pattern.extend(opt(any).parse_next(input)?);
            }
            Some(other) => pattern.push(other),
            None => {
                return cut(Fault::new(Span { start, end: at }, "the regular expression is not closed")
                    .advise("end it with `/`, and write a slash within it as `\\/`"));
            }
        }
    }
    let at = input.current_token_start();
    let behind: &str = peek(take_while(0.., name_character)).parse_next(input)?;
    if behind.is_empty() || Token::keyword(behind).is_some() {
        return Ok(Token::Pattern(pattern));
    }
    cut(Fault::new(
        Span { start: at, end: at + behind.len() },
        "letters directly behind a regular expression",
    )
    .advise("write flags within it, as `/(?i).../`, a slash as `\\/`, and a space before the next word"))
}

fn name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '.')
}

/// A decimal integer, with an optional minus.
fn integer(input: &mut Input<'_>) -> Parsed<Token> {
    let ((text, behind), span) =
        ((opt('-'), digit1).take(), take_while(0.., name_character)).with_span().parse_next(input)?;
    let span = Span::from(span);
    if !behind.is_empty() {
        return cut(Fault::new(span, format!("`{text}{behind}` is no integer"))
            .advise(format!("write text in quotes: \"{text}{behind}\"")));
    }
    match text.parse() {
        Ok(value) => Ok(Token::Integer(value)),
        Err(_) => cut(Fault::new(span, "the integer is too large").advise(format!(
            "stay between {} and {}",
            i64::MIN,
            i64::MAX
        ))),
    }
}

/// A keyword or a name.
fn word(input: &mut Input<'_>) -> Parsed<Token> {
    (one_of(|first: char| first.is_ascii_alphabetic() || first == '_'), take_while(0.., name_character))
        .take()
        .map(|word: &str| Token::keyword(word).unwrap_or_else(|| Token::Name(word.to_owned())))
        .parse_next(input)
}

fn mark(input: &mut Input<'_>) -> Parsed<Token> {
    let comparison = alt((
        literal("!=").value(Token::NotEqual),
        literal(">=").value(Token::GreaterEqual),
        literal("<=").value(Token::LessEqual),
        literal("=").value(Token::Equal),
        literal(">").value(Token::Greater),
        literal("<").value(Token::Less),
    ));
    let bracket = alt((
        literal("(").value(Token::Open),
        literal(")").value(Token::Close),
        literal("[").value(Token::OpenBracket),
        literal("]").value(Token::CloseBracket),
        literal(",").value(Token::Comma),
    ));
    alt((doubled, comparison, bracket)).parse_next(input)
}

/// Operators of other languages.
fn doubled(input: &mut Input<'_>) -> Parsed<Token> {
    let (found, span) =
        alt(("===", "==", "!==", "=~", "!~", "<>", "&&", "||")).with_span().parse_next(input)?;
    let advice = match found {
        "&&" => "write `and`",
        "||" => "write `or`",
        "==" | "===" => "write `=`",
        "!==" | "<>" => "write `!=`",
        "=~" => "write `contains /.../`",
        _ => "write `not ... contains /.../`",
    };
    cut(Fault::new(span.into(), format!("unknown operator `{found}`")).advise(advice))
}

/// Any other character.
fn foreign(input: &mut Input<'_>) -> Parsed<Token> {
    if input.is_empty() {
        return fail.parse_next(input);
    }
    let (character, span) = any.with_span().parse_next(input)?;
    let advice = match character {
        '\'' | '`' | '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => {
            "write strings in straight double quotes: \"...\""
        }
        '&' => "write `and`",
        '|' => "write `or`",
        '!' => "write `not`, or `!=` between two values",
        '-' => "names have `_`, as in `req.header_names`",
        '\\' => "backslashes stand only in strings and in regular expressions",
        '{' | '}' => "group with `(` and `)`, choose from a map with `[\"key\"]`",
        ';' => "a rule is one expression: join conditions with `and` or `or`",
        '\u{a0}' | '\u{feff}' | '\u{2000}'..='\u{200f}' | '\u{3000}' => {
            return cut(Fault::new(
                span.into(),
                format!("invisible character U+{:04X}", u32::from(character)),
            )
            .advise("write a plain space"));
        }
        _ => {
            "outside strings and regular expressions, a script has names, integers, operators and parentheses"
        }
    };
    let shown =
        if character.is_control() { format!("U+{:04X}", u32::from(character)) } else { character.into() };
    cut(Fault::new(span.into(), format!("unexpected character `{shown}`")).advise(advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(script: &str) -> Vec<Token> {
        tokens(script).unwrap().into_iter().map(|lexeme| lexeme.token).collect()
    }

    #[test]
    fn words_marks_and_literals() {
        assert_eq!(
            read(" not req.path>=-12!=\"a\\\"b\\\\\"\n"),
            [
                Token::Not,
                Token::Name("req.path".to_owned()),
                Token::GreaterEqual,
                Token::Integer(-12),
                Token::NotEqual,
                Token::Text("a\"b\\".to_owned()),
                Token::End
            ]
        );
        assert_eq!(read(""), [Token::End]);
        assert_eq!(
            read(r"contains/a\/b\\/)"),
            [Token::Contains, Token::Pattern(r"a\/b\\".to_owned()), Token::Close, Token::End]
        );
    }

    #[test]
    fn tokens_know_where_they_stand() {
        let lexemes = tokens("ab  \u{9}\"é\" /x/").unwrap();
        let spans: Vec<_> = lexemes.iter().map(|lexeme| (lexeme.span.start, lexeme.span.end)).collect();
        assert_eq!(spans, [(0, 2), (5, 9), (10, 13), (13, 13)]);
    }

    #[test]
    fn integers_have_bounds() {
        assert_eq!(read("-9223372036854775808")[0], Token::Integer(i64::MIN));
        assert_eq!(tokens("9223372036854775808").unwrap_err().message, "the integer is too large");
        assert_eq!(tokens("12ab").unwrap_err().message, "`12ab` is no integer");
    }
}
