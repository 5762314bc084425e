//! From tokens to the syntax tree.
//!
//! ```text
//! disjunction = conjunction ("or" conjunction)*
//! conjunction = negation ("and" negation)*
//! negation    = "not" negation | comparison
//! comparison  = value [operator value | "in" list]
//! value       = integer | string | attribute ["[" string "]"] | function "(" disjunction ("," disjunction)* ")"
//!             | "(" disjunction ")"
//! list        = literal | "(" literal ("," literal)* ")"
//! ```

use super::fault::Fault;
use super::lexer::tokens;
use super::suggest::closest;
use super::syntax::{Node, Operator, Spanned};
use super::token::{Lexeme, Span, Token};
use winnow::Parser;
use winnow::combinator::{opt, peek, separated};
use winnow::error::ErrMode;
use winnow::stream::TokenSlice;
use winnow::token::{any, one_of};

/// Parentheses, calls and `not` that may stand within each other.
pub(crate) const MAX_DEPTH: usize = 64;

type Tokens<'t> = TokenSlice<'t, Lexeme>;
type Parsed<T> = Result<T, ErrMode<Fault>>;
type Tree = Spanned<Node>;

const KEYWORDS: [&str; 6] = ["and", "or", "not", "in", "contains", "startswith"];

/// The tree of a whole script.
pub(crate) fn parse(script: &str) -> Result<Tree, Fault> {
    let lexemes = tokens(script)?;
    let mut input = TokenSlice::new(&lexemes);
    whole(&mut input).map_err(|error| match error {
        ErrMode::Backtrack(fault) | ErrMode::Cut(fault) => fault,
        ErrMode::Incomplete(_) => Fault::new(Span { start: 0, end: 0 }, "the script is incomplete"),
    })
}

fn whole(input: &mut Tokens<'_>) -> Parsed<Tree> {
    if next(input)?.token == Token::End {
        return cut(Fault::new(next(input)?.span, "the script is empty")
            .advise("write a condition, as `req.path startswith \"/admin\"`"));
    }
    let tree = disjunction(input, 0)?;
    let behind = next(input)?;
    match &behind.token {
        Token::End => Ok(tree),
        token => cut(trailing(token, behind.span)),
    }
}

/// What cannot go on the expression that ended before it.
fn trailing(token: &Token, span: Span) -> Fault {
    let message = format!("unexpected {token} behind the expression");
    match token {
        Token::Close => Fault::new(span, "this `)` closes nothing").advise("remove it, or open it with `(`"),
        Token::Name(name) => Fault::new(span, message).advise(word_advice(name)),
        Token::OpenBracket => {
            Fault::new(span, message).advise("`[\"key\"]` stands directly behind the name of a map")
        }
        Token::Comma => Fault::new(span, message).advise("join conditions with `and` or `or`"),
        _ => Fault::new(span, message).advise("join conditions with `and` or `or`, compare with an operator"),
    }
}

/// What to write in place of a word that stands where an operator should.
fn word_advice(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "matches" | "match" | "like" | "regex" | "matchesregex" => {
            "write `contains /.../` for a regular expression".to_owned()
        }
        "endswith" => "write `contains /...$/`".to_owned(),
        "equals" | "is" | "eq" => "write `=`".to_owned(),
        lower => match closest(lower, KEYWORDS) {
            Some(keyword) => format!("did you mean `{keyword}`?"),
            None => {
                "join conditions with `and` or `or`, compare with `=`, `!=`, `in`, `contains` or `startswith`"
                    .to_owned()
            }
        },
    }
}

fn cut<T>(fault: Fault) -> Parsed<T> {
    Err(ErrMode::Cut(fault))
}

/// What comes next, left where it is.
fn next<'t>(input: &mut Tokens<'t>) -> Parsed<&'t Lexeme> {
    peek(any).parse_next(input)
}

fn deeper(depth: usize, span: Span) -> Parsed<usize> {
    if depth >= MAX_DEPTH {
        return cut(Fault::new(span, format!("nested more than {MAX_DEPTH} deep"))
            .advise("remove parentheses, `not` or functions that are not needed"));
    }
    Ok(depth + 1)
}

fn disjunction(input: &mut Tokens<'_>, depth: usize) -> Parsed<Tree> {
    let mut items = vec![conjunction(input, depth)?];
    while follows(input, &Token::Or) {
        items.push(conjunction(input, depth)?);
    }
    Ok(chain(items, Node::Or))
}

fn conjunction(input: &mut Tokens<'_>, depth: usize) -> Parsed<Tree> {
    let mut items = vec![negation(input, depth)?];
    while follows(input, &Token::And) {
        items.push(negation(input, depth)?);
    }
    Ok(chain(items, Node::And))
}

/// Goes behind the token if it comes next.
fn follows(input: &mut Tokens<'_>, token: &Token) -> bool {
    let parsed: Parsed<&Lexeme> = any.verify(|lexeme: &Lexeme| lexeme.token == *token).parse_next(input);
    parsed.is_ok()
}

/// One item is itself; more are what `join` makes of them.
fn chain(mut items: Vec<Tree>, join: fn(Vec<Tree>) -> Node) -> Tree {
    match items.as_slice() {
        [first, .., last] => {
            let span = first.span.to(last.span);
            Spanned { value: join(items), span }
        }
        _ => items.remove(0),
    }
}

fn negation(input: &mut Tokens<'_>, depth: usize) -> Parsed<Tree> {
    let (nots, depth) = nots(input, depth)?;
    let inner = comparison(input, depth)?;
    Ok(nots.into_iter().rev().fold(inner, |inner, not| {
        let span = not.to(inner.span);
        Spanned { value: Node::Not(Box::new(inner)), span }
    }))
}

/// Each `not` that comes next, and how deep they lead.
fn nots(input: &mut Tokens<'_>, mut depth: usize) -> Parsed<(Vec<Span>, usize)> {
    let mut nots = Vec::new();
    while let Lexeme { token: Token::Not, span } = next(input)? {
        depth = deeper(depth, *span)?;
        nots.push(*span);
        any.void().parse_next(input)?;
    }
    Ok((nots, depth))
}

fn comparison(input: &mut Tokens<'_>, depth: usize) -> Parsed<Tree> {
    let left = value(input, depth, false)?;
    if follows(input, &Token::In) {
        return membership(input, left);
    }
    let Some(operator) = opt(operator).parse_next(input)? else {
        return Ok(left);
    };
    let right = value(input, depth, true)?;
    single(input)?;
    let span = left.span.to(right.span);
    Ok(Spanned { value: Node::Compare(Box::new(left), operator, Box::new(right)), span })
}

fn membership(input: &mut Tokens<'_>, left: Tree) -> Parsed<Tree> {
    let (list, end) = list(input)?;
    single(input)?;
    let span = left.span.to(end);
    Ok(Spanned { value: Node::In(Box::new(left), list), span })
}

/// Behind a comparison stands no other comparison.
fn single(input: &mut Tokens<'_>) -> Parsed<()> {
    let behind = next(input)?;
    if behind.token == Token::In || operator_of(&behind.token).is_some() {
        return cut(Fault::new(behind.span, format!("{} behind a comparison", behind.token))
            .advise("compare two values at a time, and join comparisons with `and`"));
    }
    Ok(())
}

fn operator_of(token: &Token) -> Option<Operator> {
    Some(match token {
        Token::Equal => Operator::Equal,
        Token::NotEqual => Operator::NotEqual,
        Token::Less => Operator::Less,
        Token::LessEqual => Operator::LessEqual,
        Token::Greater => Operator::Greater,
        Token::GreaterEqual => Operator::GreaterEqual,
        Token::Contains => Operator::Contains,
        Token::StartsWith => Operator::StartsWith,
        _ => return None,
    })
}

fn operator(input: &mut Tokens<'_>) -> Parsed<Spanned<Operator>> {
    any.verify_map(|lexeme: &Lexeme| {
        operator_of(&lexeme.token).map(|value| Spanned { value, span: lexeme.span })
    })
    .parse_next(input)
}

/// A value; a regular expression only where `pattern` says so.
fn value(input: &mut Tokens<'_>, depth: usize, pattern: bool) -> Parsed<Tree> {
    let lexeme = next(input)?;
    match &lexeme.token {
        Token::Open => group(input, depth, lexeme.span),
        Token::Name(name) => named(input, depth, name, lexeme.span),
        _ => literal(input, pattern),
    }
}

/// A value that has no other in it.
fn literal(input: &mut Tokens<'_>, pattern: bool) -> Parsed<Tree> {
    let Lexeme { token, span } = next(input)?;
    let value = match token {
        Token::Integer(value) => Node::Integer(*value),
        Token::Text(text) => Node::Text(text.clone()),
        Token::Pattern(text) if pattern => Node::Pattern(text.clone()),
        other => return cut(no_value(other, *span)),
    };
    any.void().parse_next(input)?;
    Ok(Spanned { value, span: *span })
}

/// What stands where a value is expected.
fn no_value(token: &Token, span: Span) -> Fault {
    let advice = "write an attribute, as `req.path`, a string in quotes, or an integer";
    match token {
        Token::End => Fault::new(span, "the script ends where a value is expected").advise(advice),
        Token::Pattern(_) => Fault::new(span, "a regular expression stands only behind `contains`")
            .advise("write `attribute contains /.../`"),
        Token::Not => Fault::new(span, "`not` where a value is expected")
            .advise("write it before the whole comparison: `not req.path = \"/\"`"),
        other => Fault::new(span, format!("expected a value, found {other}")).advise(advice),
    }
}

/// What is in parentheses, of which the first comes next.
fn group(input: &mut Tokens<'_>, depth: usize, open: Span) -> Parsed<Tree> {
    let depth = deeper(depth, open)?;
    filled(input, open, |span| {
        Fault::new(span, "empty parentheses").advise("write a condition within them, or remove them")
    })?;
    let inner = disjunction(input, depth)?;
    let close = closed(input, open)?;
    Ok(Spanned { value: inner.value, span: open.to(close) })
}

/// Goes behind a `(`, behind which something has to stand.
fn filled(input: &mut Tokens<'_>, begin: Span, empty: impl FnOnce(Span) -> Fault) -> Parsed<()> {
    any.void().parse_next(input)?;
    let behind = next(input)?;
    if behind.token == Token::Close { cut(empty(begin.to(behind.span))) } else { Ok(()) }
}

/// The `)` for what was opened at `open`.
fn closed(input: &mut Tokens<'_>, open: Span) -> Parsed<Span> {
    let lexeme = next(input)?;
    match &lexeme.token {
        Token::Close => Ok(any.parse_next(input)?.span),
        Token::End => cut(Fault::new(open, "this `(` is not closed").advise("close it with `)`")),
        Token::Comma => cut(Fault::new(lexeme.span, "unexpected `,` in parentheses")
            .advise("lists stand only behind `in`: `req.http_method in (\"GET\", \"HEAD\")`")),
        token => cut(trailing(token, lexeme.span)),
    }
}

/// An attribute, an entry of a map, or a call.
fn named(input: &mut Tokens<'_>, depth: usize, name: &str, span: Span) -> Parsed<Tree> {
    any.void().parse_next(input)?;
    match next(input)?.token {
        Token::Open => call(input, depth, name, span),
        Token::OpenBracket => entry(input, name, span),
        _ => Ok(Spanned { value: Node::Attribute(name.to_owned()), span }),
    }
}

fn call(input: &mut Tokens<'_>, depth: usize, name: &str, span: Span) -> Parsed<Tree> {
    let depth = deeper(depth, span)?;
    let open = next(input)?.span;
    filled(input, span, |span| {
        Fault::new(span, format!("`{name}` without an argument"))
            .advise(format!("write what it is applied to, as `{name}(req.path)`"))
    })?;
    let mut arguments = vec![disjunction(input, depth)?];
    while follows(input, &Token::Comma) {
        arguments.push(disjunction(input, depth)?);
    }
    let close = closed(input, open)?;
    let name = Spanned { value: name.to_owned(), span };
    Ok(Spanned { value: Node::Call(name, arguments), span: span.to(close) })
}

fn entry(input: &mut Tokens<'_>, name: &str, span: Span) -> Parsed<Tree> {
    let open = any.parse_next(input)?.span;
    let lexeme = next(input)?;
    let Token::Text(key) = &lexeme.token else {
        return cut(Fault::new(lexeme.span, format!("expected a key in quotes, found {}", lexeme.token))
            .advise(format!("write `{name}[\"key\"]`")));
    };
    any.void().parse_next(input)?;
    let behind = next(input)?;
    if behind.token != Token::CloseBracket {
        let span = if behind.token == Token::End { open } else { behind.span };
        return cut(Fault::new(span, "the key is not closed").advise("write `]` behind the key"));
    }
    any.void().parse_next(input)?;
    let map = Spanned { value: name.to_owned(), span };
    let key = Spanned { value: key.clone(), span: lexeme.span };
    Ok(Spanned { value: Node::Entry(map, key), span: span.to(behind.span) })
}

/// The literals behind `in`, and where they end.
fn list(input: &mut Tokens<'_>) -> Parsed<(Vec<Tree>, Span)> {
    let Some(open) = opt(one_of(Token::Open)).parse_next(input)? else {
        let only = item(input)?;
        let end = only.span;
        return Ok((vec![only], end));
    };
    let behind = next(input)?;
    if behind.token == Token::Close {
        return cut(Fault::new(open.span.to(behind.span), "empty list")
            .advise("write at least one string or integer within it"));
    }
    let items: Vec<Tree> = separated(1.., item, one_of(Token::Comma)).parse_next(input)?;
    let behind = next(input)?;
    match &behind.token {
        Token::Close => Ok((items, any.parse_next(input)?.span)),
        Token::End => cut(Fault::new(open.span, "this `(` is not closed").advise("close the list with `)`")),
        other => cut(Fault::new(behind.span, format!("expected `,` or `)`, found {other}"))
            .advise("separate the items of a list by commas, and close it with `)`")),
    }
}

fn item(input: &mut Tokens<'_>) -> Parsed<Tree> {
    let lexeme = next(input)?;
    let value = match &lexeme.token {
        Token::Integer(value) => Node::Integer(*value),
        Token::Text(text) => Node::Text(text.clone()),
        Token::Pattern(_) => {
            return cut(Fault::new(lexeme.span, "a list holds no regular expressions")
                .advise("write `contains /(?:one|another)/`"));
        }
        other => {
            return cut(Fault::new(lexeme.span, format!("expected a string or an integer, found {other}"))
                .advise("behind `in` stand literals: `in (\"GET\", \"HEAD\")`, `in \"10.0.0.0/8\"`"));
        }
    };
    any.void().parse_next(input)?;
    Ok(Spanned { value, span: lexeme.span })
}

#[cfg(test)]
#[path = "grammar_tests.rs"]
mod tests;
