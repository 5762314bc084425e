//! Sensitive data that every Console knows: Email and twelve brands of payment cards (section 1.6 of `waas.md`).
//!
//! Declared choices: which brands they are, and all patterns, are our own in the place of the vendor's. Numbers are told by how they begin and
//! how long they are, in groups or not; their check digit is not looked at, as no pattern can. They mark data, and audits are scrubbed of it
//! when a user switches that on (`skipLogScrubbing` is true before, S14). Nothing else of them can be changed.

use serde_json::{Map, Value, json};

/// A rule by pattern of values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shipped {
    pub(super) name: &'static str,
    pattern: &'static str,
}

/// What a user may decide of a shipped rule.
pub(super) const SWITCHES: [&str; 2] = ["disabled", "skipLogScrubbing"];

/// Rules by name.
pub(super) const SHIPPED: [Shipped; 13] = [
    Shipped {
        name: "Email",
        pattern: r"\b[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b",
    },
    Shipped { name: "American Express", pattern: r"\b3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}\b" },
    Shipped { name: "Diners Club", pattern: r"\b3(?:0[0-5]|[689][0-9])[0-9][ -]?[0-9]{6}[ -]?[0-9]{4}\b" },
    Shipped {
        name: "Discover",
        pattern: r"\b(?:6011|64[4-9][0-9]|65[0-9]{2})[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}\b",
    },
    Shipped {
        name: "Elo",
        pattern: r"\b(?:4011|4312|4389|4514|4576|5041|5067|5090|6277|636[23])[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}\b",
    },
    Shipped { name: "JCB", pattern: r"\b35(?:2[89]|[3-8][0-9])[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}\b" },
    Shipped {
        name: "Maestro",
        pattern: r"\b(?:5018|5020|5038|5893|6304|6759|676[1-3])[ -]?[0-9]{4}[ -]?[0-9]{4}(?:[ -]?[0-9]{1,7})?\b",
    },
    Shipped {
        name: "Mastercard",
        pattern: r"\b(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}\b",
    },
    Shipped { name: "Mir", pattern: r"\b220[0-4][ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}\b" },
    Shipped {
        name: "RuPay",
        pattern: r"\b(?:60[6-8][0-9]|8[12][0-9]{2}|508[5-9])[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}\b",
    },
    Shipped { name: "Troy", pattern: r"\b9792[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}\b" },
    Shipped {
        name: "UnionPay",
        pattern: r"\b62[0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}(?:[ -]?[0-9]{1,3})?\b",
    },
    Shipped { name: "Visa", pattern: r"\b4[0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}\b" },
];

impl Shipped {
    /// That of a name.
    pub(super) fn of(name: &str) -> Option<Self> {
        SHIPPED.into_iter().find(|shipped| shipped.name == name)
    }

    /// As the API shows it, with what a user has decided.
    pub(super) fn to_json(self, switches: &Map<String, Value>) -> Value {
        let mut spec = json!({
            "name": self.name, "location": "", "key": self.pattern, "placeholder": format!("[{}]", self.name),
            "keyPattern": false, "valuePattern": true, "response": true, "sensitiveData": true,
            "skipLogScrubbing": true, "disabled": false,
        });
        for (name, value) in switches {
            spec[name] = value.clone();
        }
        spec
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    /// Published numbers for tests, and addresses.
    const NUMBERS: [(&str, &str); 16] = [
        ("Email", "eve.a+b@mail.example.com"),
        ("American Express", "378282246310005"),
        ("American Express", "3782 822463 10005"),
        ("Diners Club", "30569309025904"),
        ("Diners Club", "38520000023237"),
        ("Discover", "6011111111111117"),
        ("Elo", "6362970000457013"),
        ("JCB", "3530111333300000"),
        ("Maestro", "6759649826438453"),
        ("Mastercard", "5555-5555-5555-4444"),
        ("Mastercard", "2223003122003222"),
        ("Mir", "2200000000000004"),
        ("RuPay", "8171999927660000"),
        ("Troy", "9792030000000000"),
        ("UnionPay", "6205500000000000004"),
        ("Visa", "4111 1111 1111 1111"),
    ];

    #[test]
    fn each_rule_finds_its_own_and_nothing_else_of_these() {
        for shipped in SHIPPED {
            let pattern = Regex::new(shipped.pattern).unwrap();
            let own: Vec<_> = NUMBERS.iter().filter(|(name, _)| *name == shipped.name).collect();
            assert!(!own.is_empty(), "{}", shipped.name);
            for (name, text) in NUMBERS {
                let found = pattern.find(text).map(|found| found.as_str());
                assert_eq!(found, (name == shipped.name).then_some(text), "{} in {text}", shipped.name);
            }
            for none in [
                "4111",
                "41111111111111111111111",
                "@example.com",
                "a@b",
                "2026-11-27 22:48",
                "order 123456789012",
            ] {
                assert!(!pattern.is_match(none), "{} in {none}", shipped.name);
            }
        }
    }
}
