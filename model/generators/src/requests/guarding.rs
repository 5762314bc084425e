//! What apps do about answers and files, and clients that ask for such answers and send such files.

use super::answers::ODD_ANSWERS;
use super::ask::Ask;
use super::draw;
use super::packing::Packing;
use super::upload::{UPLOADS, Upload};
use super::visit::Visit;
use proofhouse_protocol::waas_policy::{ApplicationSpec, HstsConfig, MaliciousUpload, ResponseHeaderSpec};
use proofhouse_protocol::{WaasEffect, WaasPolicy};
use proptest::prelude::*;

/// Clients under one policy.
const GUESTS: usize = 12;

/// Names of headers that apps add or override: of the app's own, of what protections are about, and of nobody else.
const NAMES: &[&str] = &[
    "X-ADDED",
    "content-security-policy",
    "X-New",
    "Set-Cookie",
    "X-Frame-Options",
    "Server",
    "Strict-Transport-Security",
    "Cache-Control",
];

/// Their values.
const VALUES: &[&str] = &["ours", "second, third", "default-src 'self'; max-age=9"];

/// Settings of each app, and clients.
#[derive(Debug, Clone)]
pub(crate) struct Guarding {
    settings: Vec<Settings>,
    visits: Vec<Visit>,
}

#[derive(Debug, Clone)]
struct Settings {
    cookies: bool,
    frames: bool,
    fingerprints: bool,
    hsts: bool,
    own: Vec<ResponseHeaderSpec>,
    leaks: WaasEffect,
    uploads: MaliciousUpload,
}

impl Settings {
    fn put(self, app: &mut ApplicationSpec) {
        app.csrf_enabled = self.cookies;
        app.clickjacking_enabled = self.frames;
        app.intel_gathering.remove_fingerprints_enabled = self.fingerprints;
        app.intel_gathering.info_leakage_effect = self.leaks;
        if self.hsts {
            app.tls_config.hsts = HstsConfig { enabled: true, max_age_seconds: 60, ..HstsConfig::default() };
        }
        app.response_header_specs = self.own;
        app.malicious_upload = self.uploads;
    }
}

impl Guarding {
    /// Gives the apps of a policy their settings; the clients.
    pub(crate) fn put(self, firewall: &mut WaasPolicy) -> Vec<Visit> {
        let apps = firewall.rules.iter_mut().flat_map(|rule| &mut rule.applications_spec);
        for (app, settings) in apps.zip(self.settings) {
            settings.put(app);
        }
        self.visits
    }
}

/// For so many apps.
pub(crate) fn guarding(apps: usize) -> impl Strategy<Value = Guarding> {
    (prop::collection::vec(settings(), apps), prop::collection::vec(guest(), GUESTS))
        .prop_map(|(settings, visits)| Guarding { settings, visits })
}

fn settings() -> impl Strategy<Value = Settings> {
    let leaks = prop_oneof![
        2 => Just(WaasEffect::Disable),
        2 => Just(WaasEffect::Alert),
        2 => Just(WaasEffect::Prevent),
        1 => Just(WaasEffect::Ban),
    ];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), prop::bool::weighted(0.2));
    (flags, own_headers(), leaks, uploads()).prop_map(
        |((cookies, frames, fingerprints, hsts), own, leaks, uploads)| Settings {
            cookies,
            frames,
            fingerprints,
            hsts,
            own,
            leaks,
            uploads,
        },
    )
}

/// None of which has the name of another.
fn own_headers() -> impl Strategy<Value = Vec<ResponseHeaderSpec>> {
    let lines = (prop::sample::subsequence(VALUES.to_vec(), 1..3), any::<bool>());
    let names = prop::sample::subsequence(NAMES.to_vec(), 1..4);
    let some = (names, prop::collection::vec(lines, 3)).prop_map(|(names, lines)| {
        let one = |(name, (values, replaces)): (&str, (Vec<&str>, bool))| ResponseHeaderSpec {
            name: name.to_owned(),
            values: values.into_iter().map(str::to_owned).collect(),
            replaces,
        };
        names.into_iter().zip(lines).map(one).collect()
    });
    prop_oneof![1 => Just(Vec::new()), 2 => some]
}

fn uploads() -> impl Strategy<Value = MaliciousUpload> {
    let effect = prop_oneof![
        1 => Just(WaasEffect::Disable),
        2 => Just(WaasEffect::Alert),
        3 => Just(WaasEffect::Prevent),
    ];
    let types = prop::sample::subsequence(vec!["pdf", "gif", "mp3", "wav", "mp4", "zip"], 0..4);
    let extensions = prop_oneof![
        1 => Just(Vec::new()),
        1 => prop::sample::subsequence(vec![".abc", ".py"], 1),
    ];
    let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
    (effect, types, extensions).prop_map(move |(effect, types, extensions)| MaliciousUpload {
        effect,
        allowed_file_types: owned(types),
        allowed_extensions: owned(extensions),
    })
}

/// A client as any other, of whose requests some are for answers of the app's own, some send files, and some do both.
fn guest() -> impl Strategy<Value = Visit> {
    let paths: Vec<&str> = ODD_ANSWERS.iter().map(|one| one.path).collect();
    let path = prop_oneof![1 => Just(None), 3 => prop::sample::select(paths).prop_map(Some)];
    let files = prop_oneof![
        3 => Just(Vec::new()),
        2 => prop::collection::vec(upload(), 1),
        1 => prop::collection::vec(upload(), 2..4),
    ];
    let method = prop::sample::select(&["POST", "PUT", "PATCH"][..]);
    // What else stands in a request would stop most of them.
    let calm = prop::bool::weighted(0.7);
    let framing = (prop::bool::weighted(0.2), prop_oneof![5 => Just(None), 1 => Just(Some(Packing::Gzip))]);
    (draw::visit(), prop::collection::vec((path, files, method, calm, framing), 4)).prop_map(
        |(mut visit, changes)| {
            for (ask, (path, files, method, calm, framing)) in visit.asks.iter_mut().zip(changes) {
                if calm {
                    *ask = Ask {
                        carried: Vec::new(),
                        odd: None,
                        chunked: false,
                        packing: None,
                        method: calmed(ask.method),
                        ..ask.clone()
                    };
                }
                ask.path = path.unwrap_or(ask.path);
                if !files.is_empty() && ask.takes_files() {
                    (ask.files, ask.method) = (files, method);
                    (ask.chunked, ask.packing) = framing;
                }
            }
            visit
        },
    )
}

/// Methods that say that a body comes are those of bodies.
fn calmed(method: &'static str) -> &'static str {
    if method == "HEAD" { "HEAD" } else { "GET" }
}

fn upload() -> impl Strategy<Value = &'static Upload> {
    (0..UPLOADS.len()).prop_map(|at| &UPLOADS[at])
}
