//! Expressions as scripts, in the grammar of section 2.14.

use super::{Among, Expression, Relation, Step, Subject, Test};
use std::fmt::{self, Display, Formatter};

impl Display for Expression {
    /// `and` binds tighter than `or`, and `not` tighter than both (choice); all else stands in parentheses.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any(all) => joined(f, all, " or ", |one| matches!(one, Self::Any(_))),
            Self::All(all) => joined(f, all, " and ", |one| matches!(one, Self::Any(_) | Self::All(_))),
            Self::Not(inner) => match &**inner {
                Self::Any(_) | Self::All(_) | Self::Not(_) => write!(f, "not ({inner})"),
                _ => write!(f, "not {inner}"),
            },
            Self::Text { of, steps, test } => {
                for step in steps.iter().rev() {
                    write!(f, "{}(", step.word())?;
                }
                write!(f, "{of}{} {test}", ")".repeat(steps.len()))
            }
            Self::Client(Among::Is(address)) => write!(f, "req.ip = {}", quoted(address)),
            Self::Client(Among::IsNot(address)) => write!(f, "req.ip != {}", quoted(address)),
            Self::Client(Among::In(networks)) => write!(f, "req.ip in ({})", listed(networks)),
            Self::Status(relation, status) => write!(f, "resp.status_code {} {status}", relation.word()),
        }
    }
}

fn joined(
    f: &mut Formatter<'_>,
    all: &[Expression],
    word: &str,
    apart: impl Fn(&Expression) -> bool,
) -> fmt::Result {
    for (at, one) in all.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        if apart(one) {
            write!(f, "({one})")?;
        } else {
            write!(f, "{one}")?;
        }
    }
    Ok(())
}

impl Display for Subject {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Method => "req.http_method",
            Self::Host => "req.host",
            Self::Path => "req.path",
            Self::FileExtension => "req.file_extension",
            Self::Body => "req.body",
            Self::Header(name) => return write!(f, "req.headers[{}]", quoted(name)),
            Self::HeaderNames => "req.header_names",
            Self::HeaderValues => "req.header_values",
            Self::Cookie(name) => return write!(f, "req.cookies[{}]", quoted(name)),
            Self::CookieNames => "req.cookie_names",
            Self::CookieValues => "req.cookie_values",
            Self::QueryParam(name) => return write!(f, "req.query_params[{}]", quoted(name)),
            Self::QueryParamNames => "req.query_param_names",
            Self::QueryParamValues => "req.query_param_values",
            Self::BodyParamValues => "req.body_param_values",
        })
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(text) => write!(f, "= {}", quoted(text)),
            Self::Differs(text) => write!(f, "!= {}", quoted(text)),
            Self::In(texts) => write!(f, "in ({})", listed(texts)),
            Self::StartsWith(text) => write!(f, "startswith {}", quoted(text)),
            Self::Contains(text) => write!(f, "contains {}", quoted(text)),
            Self::Matches(pattern) => write!(f, "contains /{}/", pattern.replace('/', "\\/")),
        }
    }
}

impl Relation {
    /// As scripts have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Other => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

impl Step {
    /// As scripts have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Lowercase => "lowercase",
            Self::CompressWhitespace => "compressWhitespace",
            Self::RemoveWhitespace => "removeWhitespace",
            Self::UrlQueryDecode => "urlQueryDecode",
            Self::UrlPathDecode => "urlPathDecode",
            Self::HtmlEntityDecode => "htmlEntityDecode",
            Self::Base64Decode => "base64Decode",
        }
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn listed(texts: &[String]) -> String {
    texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_written_as_a_script() {
        let path = |text: &str| Expression::Text {
            of: Subject::Path,
            steps: Vec::new(),
            test: Test::StartsWith(text.to_owned()),
        };
        let agent = Expression::Text {
            of: Subject::Header("User-Agent".to_owned()),
            steps: vec![Step::UrlQueryDecode, Step::Lowercase],
            test: Test::Matches("^a/\\.".to_owned()),
        };
        let office = Expression::Client(Among::In(vec!["10.0.0.0/8".to_owned(), "192.0.2.1".to_owned()]));
        for (tree, expected) in [
            (path("/a\"b\\"), r#"req.path startswith "/a\"b\\""#),
            (agent.clone(), r#"lowercase(urlQueryDecode(req.headers["User-Agent"])) contains /^a\/\./"#),
            (
                Expression::All(vec![
                    Expression::Not(Box::new(path("/"))),
                    Expression::Any(vec![office.clone(), Expression::Status(Relation::AtLeast, 400)]),
                ]),
                r#"not req.path startswith "/" and (req.ip in ("10.0.0.0/8", "192.0.2.1") or resp.status_code >= 400)"#,
            ),
            (
                Expression::Any(vec![Expression::All(vec![path("/a"), path("/b")]), path("/c")]),
                r#"req.path startswith "/a" and req.path startswith "/b" or req.path startswith "/c""#,
            ),
            (
                Expression::Not(Box::new(Expression::Any(vec![path("/a"), path("/b")]))),
                r#"not (req.path startswith "/a" or req.path startswith "/b")"#,
            ),
        ] {
            assert_eq!(tree.to_string(), expected);
        }
    }
}
