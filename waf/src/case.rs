//! One request with what is right, and many of them.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What is right for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// It is an attack.
    Blocked,
    /// It is honest.
    Passed,
}

/// Rules that a log must name, or must not; of go-ftw alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleIds {
    /// Each of these.
    pub expected: Vec<u32>,
    /// None of these.
    pub unexpected: Vec<u32>,
}

/// One request with what is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Where it comes from: file, number, and how the payload was put into it.
    pub id: String,
    /// Kind of attack, by which results are counted.
    pub class: String,
    /// What is right.
    pub expect: Expect,
    /// The bytes that are sent.
    pub request: Vec<u8>,
    /// The payload, for people.
    pub payload: String,
    /// What a log must say of it.
    pub rules: Option<RuleIds>,
}

impl Case {
    /// Tells it from every other case: 16 hexadecimal digits of a hash over all that matters.
    #[must_use]
    pub fn key(&self) -> String {
        let mut hash = Sha256::new();
        for part in [self.id.as_bytes(), &self.request, &[self.expect as u8]] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What a corpus says and no request can express.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inexpressible {
    /// Where it stands.
    pub id: String,
    /// Its class.
    pub class: String,
    /// Why.
    pub why: String,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Corpus {
    /// In the order of the files.
    pub cases: Vec<Case>,
    /// Counted beside them.
    pub inexpressible: Vec<Inexpressible>,
}

impl Corpus {
    /// Takes in what can be expressed, and counts what cannot.
    pub(crate) fn add(
        &mut self,
        id: String,
        class: &str,
        expect: Expect,
        payload: &[u8],
        made: Result<Vec<u8>, String>,
    ) {
        let class = class.to_owned();
        match made {
            Ok(request) => {
                let payload = String::from_utf8_lossy(payload).into_owned();
                self.cases.push(Case { id, class, expect, request, payload, rules: None });
            }
            Err(why) => self.inexpressible.push(Inexpressible { id, class, why }),
        }
    }

    /// Both.
    pub fn extend(&mut self, other: Self) {
        self.cases.extend(other.cases);
        self.inexpressible.extend(other.inexpressible);
    }

    /// Every `1/n`-th case, the same ones for the same corpus.
    pub fn sample(&mut self, share: f64) {
        let limit = share * (u64::from(u32::MAX) + 1) as f64;
        self.cases.retain(|case| {
            let digits = u32::from_str_radix(&case.key()[..8], 16).unwrap_or_default();
            f64::from(digits) < limit
        });
    }
}
