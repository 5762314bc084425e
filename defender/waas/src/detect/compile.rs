//! From a rule as written to a rule that runs.

use super::chain::Link;
use super::plain::{is_plain, may_match_plain};
use super::rule::{CompiledRule, Members};
use super::test::Test;
use super::words::Words;
use crate::crs::{AS_SENT, Fate, Operator, Rule, Selector, Variable, shown, to_rust_regex};
use crate::input::{Class, ClassSet};
use crate::{Attack, Reads};
use std::path::Path;

/// What of a request is read as a value by the application; attacks on it may stand in any of them (section 2.7).
const ANYWHERE: [Class; 7] = [
    Class::Argument,
    Class::ArgumentName,
    Class::Cookie,
    Class::CookieName,
    Class::Path,
    Class::RawBody,
    Class::CustomHeader,
];

/// The rule compiled; `None` if no protection uses it.
///
/// # Errors
/// The rule serves a protection, is not on the reviewed list, and cannot be compiled.
pub(super) fn compile(rule: &Rule, level: u8, folder: &Path) -> Result<Option<CompiledRule>, String> {
    let Fate::Compiled(attack) = Fate::of(rule, level) else {
        return Ok(None);
    };
    let reads = Attack::of_rule(rule.id).map_or(Reads::Named, |(_, reads)| reads);
    check(rule)?;
    let mut classes = classes(&rule.variables)?;
    widen(&mut classes, reads);
    let as_sent = AS_SENT.contains(&rule.id);
    if as_sent {
        classes.remove(Class::Referer);
    }
    let (test, may_match) = test(&rule.operator, folder)?;
    let chain = rule.chain.iter().map(|link| Link::compile(link, folder)).collect::<Result<_, String>>()?;
    let stays_plain = rule.transforms.iter().all(|transform| transform.keeps_plain());
    Ok(Some(CompiledRule {
        id: rule.id,
        attack,
        test,
        transforms: rule.transforms.clone(),
        multi_match: rule.multi_match,
        classes,
        members: members(&rule.variables)?,
        as_sent,
        chain,
        may_match_plain: may_match || !stays_plain,
    }))
}

fn check(rule: &Rule) -> Result<(), String> {
    if let Some(name) = rule.unknown_transforms.first() {
        return Err(format!("the transformation `{}` is unknown", shown(name)));
    }
    if rule.negated {
        return Err("a negated operator cannot be part of a set".to_owned());
    }
    Ok(())
}

/// The operator compiled, and whether it may hold for plain text.
pub(super) fn test(operator: &Operator, folder: &Path) -> Result<(Test, bool), String> {
    match operator {
        Operator::Regex(pcre) => regex(to_rust_regex(pcre)),
        // A text is a regular expression too, and so joins a set.
        Operator::Equals(text) => regex(format!("\\A{}\\z", regex::escape(text))),
        Operator::Contains(text) => regex(regex::escape(text)),
        Operator::Begins(text) => regex(format!("\\A{}", regex::escape(text))),
        Operator::Ends(text) => regex(format!("{}\\z", regex::escape(text))),
        Operator::Words(words) => list(words.clone()),
        Operator::WordFile(name) => {
            let path = folder.join(name);
            let text =
                std::fs::read(&path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
            let text = String::from_utf8_lossy(&text);
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
            list(lines.map(str::to_owned).collect())
        }
        Operator::DetectSqli => Ok((Test::Sqli, true)),
        Operator::DetectXss => Ok((Test::Xss, true)),
        Operator::Other(name, _) => Err(format!("the operator `@{}` is unknown", shown(name))),
    }
}

/// A pattern in the dialect of the `regex` crate.
fn regex(pattern: String) -> Result<(Test, bool), String> {
    // Reading is cheap, and enough: what the pattern is part of is compiled when it is asked.
    let may_match = may_match_plain(&pattern).map_err(|error| wrong(&error, &pattern))?;
    Ok((Test::regex(pattern), may_match))
}

/// What is wrong with a pattern, and where.
fn wrong(error: &regex_syntax::Error, pattern: &str) -> String {
    use regex_syntax::Error;
    let (what, at) = match error {
        Error::Parse(error) => (error.kind().to_string(), error.span().start.offset),
        Error::Translate(error) => (error.kind().to_string(), error.span().start.offset),
        other => (shown(&other.to_string()), 0),
    };
    format!("{what}, at `{}`", shown(pattern.get(at..).unwrap_or_default()))
}

fn list(words: Vec<String>) -> Result<(Test, bool), String> {
    if words.is_empty() {
        return Err("an empty list of words".to_owned());
    }
    let plain = words.iter().any(|word| is_plain(word.as_bytes()));
    Ok((Test::Words(Words::new(words)), plain))
}

/// The classes that the targets name.
pub(super) fn classes(variables: &[Variable]) -> Result<ClassSet, String> {
    let mut classes = ClassSet::default();
    for variable in variables.iter().filter(|variable| !variable.excluded) {
        if variable.counted {
            return Err(format!("`&{}` counts", shown(&variable.name)));
        }
        let header = match &variable.selector {
            Selector::Name(name) => name.to_ascii_lowercase(),
            _ => String::new(),
        };
        let found: &[Class] = match (variable.name.as_str(), header.as_str()) {
            ("ARGS" | "ARGS_GET" | "ARGS_POST" | "XML" | "JSON", "") => &[Class::Argument],
            ("ARGS_NAMES" | "ARGS_GET_NAMES" | "ARGS_POST_NAMES", "") => &[Class::ArgumentName],
            ("REQUEST_COOKIES", _) => &[Class::Cookie],
            ("REQUEST_COOKIES_NAMES", "") => &[Class::CookieName],
            ("REQUEST_FILENAME" | "REQUEST_BASENAME", "") => &[Class::Path],
            ("REQUEST_URI" | "REQUEST_URI_RAW" | "REQUEST_LINE", "") => &[Class::Path, Class::Uri],
            ("QUERY_STRING", "") => &[Class::QueryString],
            ("REQUEST_BODY", "") => &[Class::RawBody],
            ("FILES" | "FILES_NAMES", "") => &[Class::FileName],
            ("REQUEST_HEADERS_NAMES", "") => &[Class::HeaderName],
            ("REQUEST_HEADERS", "") => {
                &[Class::StandardHeader, Class::CustomHeader, Class::UserAgent, Class::Referer]
            }
            ("REQUEST_HEADERS", "user-agent") => &[Class::UserAgent],
            ("REQUEST_HEADERS", "referer") => &[Class::Referer],
            ("REQUEST_HEADERS", "x-filename" | "x_filename" | "x.filename" | "x-file-name") => {
                &[Class::FileName]
            }
            (name, _) => {
                let selector = format!("{:?}", variable.selector);
                return Err(format!(
                    "the target `{}` with selector {} is unknown",
                    shown(name),
                    shown(&selector)
                ));
            }
        };
        classes.insert(found);
    }
    for variable in
        variables.iter().filter(|variable| variable.excluded && variable.name == "REQUEST_HEADERS")
    {
        match &variable.selector {
            Selector::Name(name) if name.eq_ignore_ascii_case("referer") => classes.remove(Class::Referer),
            Selector::Name(name) if name.eq_ignore_ascii_case("user-agent") => {
                classes.remove(Class::UserAgent)
            }
            _ => {}
        }
    }
    if classes.is_empty() {
        return Err("no target is known".to_owned());
    }
    Ok(classes)
}

/// A rule that looks at arguments looks at every other place that its protection reads values from.
fn widen(classes: &mut ClassSet, reads: Reads) {
    if reads != Reads::Named && classes.has(Class::Argument) {
        classes.insert(&ANYWHERE);
        if reads == Reads::ValuesAndUserAgent {
            classes.insert(&[Class::UserAgent]);
        }
    }
}

/// Which cookies and arguments a rule means.
fn members(variables: &[Variable]) -> Result<Members, String> {
    let mut members = Members::default();
    let mut all_cookies = false;
    for variable in variables {
        let class: &[Class] = match variable.name.as_str() {
            "REQUEST_COOKIES" | "REQUEST_COOKIES_NAMES" => &[Class::Cookie, Class::CookieName],
            "ARGS" | "ARGS_GET" | "ARGS_POST" if variable.excluded => &[Class::Argument],
            "ARGS_NAMES" | "ARGS_GET_NAMES" | "ARGS_POST_NAMES" if variable.excluded => {
                &[Class::ArgumentName]
            }
            _ => continue,
        };
        let pattern = match &variable.selector {
            Selector::Pattern(pattern) => to_rust_regex(pattern),
            Selector::Name(name) => format!("(?i)^{}$", regex::escape(name)),
            Selector::All if variable.excluded => {
                return Err(format!("all of `{}` is excluded", variable.name));
            }
            Selector::All => {
                all_cookies = true;
                continue;
            }
        };
        may_match_plain(&pattern).map_err(|error| wrong(&error, &pattern))?;
        let pattern = super::test::build(&pattern).map_err(|error| error.to_string())?;
        if variable.excluded {
            members.but.extend(class.iter().map(|class| (*class, pattern.clone())));
        } else {
            members.only_cookies.push(pattern);
        }
    }
    if all_cookies {
        members.only_cookies.clear();
    }
    Ok(members)
}
