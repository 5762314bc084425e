//! What the integration tests share: the rule set, and requests as text.

#![expect(dead_code, reason = "each test binary uses a part of this")]

pub mod proxy;
pub mod shapes;

use proofhouse_waas::{Attack, AttackSet, Detector, Exceptions, Match, RequestView};
use std::path::PathBuf;
use std::sync::OnceLock;

/// The rule set: `PROOFHOUSE_CRS`, or Debian's package.
pub fn crs_directory() -> PathBuf {
    if let Some(dir) = std::env::var_os("PROOFHOUSE_CRS") {
        return dir.into();
    }
    let debian = PathBuf::from("/usr/share/modsecurity-crs");
    assert!(
        debian.is_dir(),
        "no OWASP Core Rule Set: `apt-get install modsecurity-crs`, or set PROOFHOUSE_CRS to its directory"
    );
    debian
}

/// A file with the database of countries of the images.
pub fn geo_database() -> PathBuf {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let path =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("geo-{}.mmdb", std::process::id()));
        std::fs::write(&path, proofhouse_geo::database(&proofhouse_geo::BLOCKS)).expect("a file in target");
        path
    };
    FILE.get_or_init(make).clone()
}

/// Loaded once for all tests of a binary.
pub fn detector() -> &'static Detector {
    static DETECTOR: OnceLock<Detector> = OnceLock::new();
    DETECTOR.get_or_init(|| Detector::load(&crs_directory()).expect("the rule set loads"))
}

/// A request as text: method, target, headers, body.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Sample {
    pub fn get(target: &str) -> Self {
        Self { method: "GET".into(), target: target.into(), ..Self::default() }
    }

    pub fn post(target: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self {
            method: "POST".into(),
            target: target.into(),
            headers: vec![
                ("Content-Type".into(), content_type.into()),
                ("Content-Length".into(), body.len().to_string().into()),
            ],
            body,
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn inspect(&self) -> Vec<Match> {
        self.inspect_with(&Exceptions::default())
    }

    pub fn inspect_with(&self, exceptions: &Exceptions) -> Vec<Match> {
        self.inspected(detector(), exceptions)
    }

    pub fn inspect_by(&self, detector: &Detector) -> Vec<Match> {
        self.inspected(detector, &Exceptions::default())
    }

    fn inspected(&self, detector: &Detector, exceptions: &Exceptions) -> Vec<Match> {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let (path, query) = match self.target.split_once('?') {
            Some((path, query)) => (path, Some(query.as_bytes())),
            None => (self.target.as_str(), None),
        };
        let view = RequestView {
            method: &self.method,
            path: path.as_bytes(),
            query,
            headers: &headers,
            has_body: !self.body.is_empty(),
            body: &self.body,
            body_limit: 131_072,
            ..RequestView::default()
        };
        detector.inspect(&view, AttackSet::ALL, exceptions)
    }

    pub fn attacks(&self) -> Vec<Attack> {
        self.inspect().iter().map(|found| found.attack).collect()
    }
}
