//! Headers of answers (W42 to W44, W111, W112).

use super::super::Sent;
use crate::Trail;
use proofhouse_protocol::waas_policy::{ApplicationSpec, ResponseHeaderSpec};
use std::collections::{BTreeMap, BTreeSet};

/// Headers that give the server away (W44).
const FINGERPRINTS: [&str; 4] = ["server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version"];

const COOKIE: &str = "set-cookie";
const FRAMES: &str = "x-frame-options";

/// The lines of a header.
type Lines = Vec<String>;

/// Each way in which the lines of each header of an answer may be. Names are in small letters; what has no way in here is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(BTreeMap<String, Vec<Lines>>);

impl Headers {
    /// Names that something is known of.
    pub fn names(&self) -> impl Iterator<Item = &str> + '_ {
        self.0.keys().map(String::as_str)
    }

    /// Each way in which the lines of a header may be, the usual one first; no lines: it is not there.
    #[must_use]
    pub fn ways(&self, name: &str) -> Vec<Lines> {
        self.0.get(name).cloned().unwrap_or_else(|| vec![Lines::new()])
    }
}

/// As the app sends them. Nothing where that is not known.
pub(in crate::requests) fn as_of_app(sent: &Sent) -> Option<Headers> {
    let mut all: BTreeMap<String, Vec<Lines>> = BTreeMap::new();
    for (name, value) in &sent.app_answer.as_ref()?.headers {
        all.entry(name.to_ascii_lowercase()).or_insert_with(|| vec![Lines::new()])[0].push(value.clone());
    }
    Some(Headers(all))
}

/// As the app of a policy wants them. Whether its own headers come before what protects an answer, or behind, is not documented.
pub(in crate::requests) fn governed(
    app: &ApplicationSpec,
    sent: &Sent,
    trail: &mut Trail,
) -> Option<Headers> {
    let of_app = as_of_app(sent)?;
    if app.tls_config.hsts.enabled {
        trail.through("request.answer-no-hsts");
    }
    let own = |name: &str| app.response_header_specs.iter().find(|own| own.name.eq_ignore_ascii_case(name));
    let named = app.response_header_specs.iter().map(|own| own.name.to_ascii_lowercase());
    let names: BTreeSet<String> =
        of_app.names().map(str::to_owned).chain(named).chain([FRAMES.to_owned()]).collect();
    let mut all = BTreeMap::new();
    for name in names {
        let lines = of_app.ways(&name).remove(0);
        tell_of(app, own(&name), &name, &lines, trail);
        let before = protected(app, &name, with_own(own(&name), lines.clone()));
        let behind = with_own(own(&name), protected(app, &name, lines));
        all.insert(name, if before == behind { vec![before] } else { vec![before, behind] });
    }
    Some(Headers(all))
}

/// Where nothing is looked at, or inspection has ended early, nobody says whether headers are still seen to.
pub(in crate::requests) fn perhaps_governed(app: &ApplicationSpec, sent: &Sent) -> Option<Headers> {
    let of_app = as_of_app(sent)?;
    let Headers(mut all) = governed(app, sent, &mut Trail::default())?;
    for (name, ways) in &mut all {
        ways.extend(of_app.ways(name));
    }
    Some(Headers(all))
}

/// W112: each value is a line.
fn with_own(own: Option<&ResponseHeaderSpec>, lines: Lines) -> Lines {
    let Some(own) = own else { return lines };
    let before = if own.replaces { Lines::new() } else { lines };
    before.into_iter().chain(own.values.iter().cloned()).collect()
}

/// W42, W43, W44.
fn protected(app: &ApplicationSpec, name: &str, lines: Lines) -> Lines {
    match name {
        COOKIE if app.csrf_enabled => lines.iter().map(|cookie| bound(cookie)).collect(),
        FRAMES if app.clickjacking_enabled => vec!["SAMEORIGIN".to_owned()],
        _ if app.intel_gathering.remove_fingerprints_enabled && FINGERPRINTS.contains(&name) => Lines::new(),
        _ => lines,
    }
}

/// A cookie that goes to its own site only.
fn bound(cookie: &str) -> String {
    let parts = cookie.split(';').map(str::trim);
    let kept = parts.filter(|part| {
        let name = part.split('=').next().unwrap_or_default();
        !name.trim().eq_ignore_ascii_case("samesite")
    });
    kept.chain(["SameSite=Strict"]).collect::<Vec<_>>().join("; ")
}

fn tell_of(
    app: &ApplicationSpec,
    own: Option<&ResponseHeaderSpec>,
    name: &str,
    lines: &Lines,
    trail: &mut Trail,
) {
    if let Some(own) = own {
        trail.through(match (lines.is_empty(), own.replaces) {
            (true, _) => "request.answer-header-new",
            (false, false) => "request.answer-header-added",
            (false, true) => "request.answer-header-replaced",
        });
    }
    let of_kind = |on: bool, [done, left]: [&'static str; 2]| {
        if on { Some(done) } else { (!lines.is_empty()).then_some(left) }
    };
    let removes = app.intel_gathering.remove_fingerprints_enabled;
    let clause = match name {
        FRAMES => of_kind(app.clickjacking_enabled, ["request.answer-frames", "request.answer-frames-left"]),
        _ if lines.is_empty() => None,
        COOKIE => of_kind(app.csrf_enabled, ["request.answer-cookie-bound", "request.answer-cookie-left"]),
        _ if FINGERPRINTS.contains(&name) => {
            of_kind(removes, ["request.answer-fingerprint", "request.answer-fingerprint-left"])
        }
        _ => own.is_none().then_some("request.answer-header-left"),
    };
    clause.into_iter().for_each(|clause| trail.through(clause));
}
