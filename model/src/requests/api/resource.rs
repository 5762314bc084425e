//! Which resource of an API a request is for (W66, W69, W71).

use super::super::Sent;
use super::super::endpoint::covering;
use crate::Trail;
use proofhouse_protocol::waas_policy::{ApiMethod, ApiPath, ApplicationSpec};

/// Where a request leads.
#[derive(Debug)]
pub(super) enum Led<'a> {
    /// To nothing that the API has.
    Nowhere,
    /// To a resource: all that may be done with it, and the values of its template.
    To(Vec<&'a ApiMethod>, Vec<(&'a str, String)>),
    /// Nobody says.
    Unclear,
}

/// W71: a resource stands behind the base path of an endpoint. Which of several endpoints counts, and what a base path without a star has behind
/// it, is not documented.
pub(super) fn leads<'a>(app: &'a ApplicationSpec, sent: &Sent, trail: &mut Trail) -> Vec<Led<'a>> {
    let Some(path) = plain(sent.path()) else { return vec![Led::Unclear] };
    let endpoints = covering(app, sent);
    let each = endpoints.into_iter().map(|endpoint| {
        let Some(base) = endpoint.base_path.strip_suffix('*') else { return Led::Unclear };
        let base: Vec<String> =
            base.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
        let Some(rest) = path.strip_prefix(base.as_slice()) else { return Led::Unclear };
        if !base.is_empty() {
            trail.through("request.api-behind-base");
        }
        find(&app.api_spec.paths, rest, trail)
    });
    each.collect()
}

/// The segments of a path, decoded once; none of one that applications read in several ways.
fn plain(path: &str) -> Option<Vec<String>> {
    let segments: Vec<String> =
        path.strip_prefix('/')?.split('/').map(|segment| decoded(segment, false)).collect();
    let odd = |c: char| matches!(c, '/' | '\\' | '%' | ';') || !matches!(c, ' '..='~');
    let is_plain = |segment: &String| !segment.contains(odd) && segment != "." && segment != "..";
    segments.iter().all(is_plain).then_some(segments)
}

/// What percent signs stand for; a plus is a space where it is written so.
pub(super) fn decoded(text: &str, plus: bool) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let pair = behind.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let coded = pair.filter(|_| *first == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok());
        rest = if coded.is_some() { &behind[2..] } else { behind };
        bytes.push(coded.unwrap_or(if plus && *first == b'+' { b' ' } else { *first }));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// W69: literal segments go before templates, from the left. A slash at the end, or two in a row, make another path, and case counts (choices).
fn find<'a>(paths: &'a [ApiPath], segments: &[String], trail: &mut Trail) -> Led<'a> {
    let fitting = paths.iter().filter_map(|declared| Some((declared, captured(&declared.path, segments)?)));
    let mut fitting: Vec<_> = fitting.collect();
    let literal = |declared: &ApiPath| {
        declared.path.split('/').map(|segment| template(segment).is_none()).collect::<Vec<_>>()
    };
    fitting.sort_by_key(|(declared, _)| std::cmp::Reverse(literal(declared)));
    let Some((first, values)) = fitting.first() else { return Led::Nowhere };
    if fitting.iter().any(|(other, _)| literal(other) != literal(first)) {
        trail.through("request.api-literal-first");
    }
    let same = fitting.iter().filter(|(other, _)| other.path == first.path);
    Led::To(same.flat_map(|(declared, _)| &declared.methods).collect(), values.clone())
}

/// The values for which the templates of a declared path stand, if these segments are such a path.
fn captured<'a>(declared: &'a str, segments: &[String]) -> Option<Vec<(&'a str, String)>> {
    let own: Vec<&str> = declared.strip_prefix('/').unwrap_or(declared).split('/').collect();
    if own.len() != segments.len() {
        return None;
    }
    let mut values = Vec::new();
    for (own, segment) in own.into_iter().zip(segments) {
        match template(own) {
            Some(name) if !segment.is_empty() => values.push((name, segment.clone())),
            None if own == segment => {}
            _ => return None,
        }
    }
    Some(values)
}

fn template(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}
