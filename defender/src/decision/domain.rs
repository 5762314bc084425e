//! Which names may be looked up (section 3.4 of `runtime-and-embed.md`).

use proofhouse_protocol::RuleEffect;
use proofhouse_protocol::runtime_policy::DnsSection;
use proofhouse_protocol::semantics::{EmptyLists, PlainDomain, Semantics};
use std::collections::HashSet;

/// One entry of a domain list. Several wildcards collapse to the right-most one [PM31].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DomainPattern {
    /// `*`.
    All,
    /// `example.com`, exact.
    Exact(String),
    /// `example.com` and everything below.
    Suffix(String),
    /// `*.example.com`: the text after the star, and whether the name without its dot counts.
    EndsWith {
        /// What the name must end with, and must not be.
        tail: String,
        /// Whether the apex is covered.
        apex: bool,
    },
    /// `www.*`.
    StartsWith(String),
    /// `*.s3.*`: the older *contains* reading of a trailing star [RN 19.11].
    Contains(String),
    /// `a.*.example.com`: one wildcard inside.
    Around(String, String),
}

/// Lower case, no trailing dot.
fn normal(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_lowercase()
}

/// An entry as questions have it: its international labels encoded. A label with a star cannot be, and is left.
fn on_the_wire(entry: &str) -> String {
    let encoded = |label: &str| match label.is_ascii() || label.contains('*') {
        true => label.to_owned(),
        false => idna::domain_to_ascii(label).unwrap_or_else(|_| label.to_owned()),
    };
    normal(entry).split('.').map(encoded).collect::<Vec<_>>().join(".")
}

impl DomainPattern {
    /// Compiles an entry; every text is one.
    #[must_use]
    pub fn new(text: &str, semantics: &Semantics) -> Self {
        let text = on_the_wire(text);
        let Some((before, tail)) = text.rsplit_once('*') else {
            return match semantics.plain_domain {
                PlainDomain::Exact => Self::Exact(text),
                PlainDomain::Suffix => Self::Suffix(text),
            };
        };
        let earlier = before.rsplit_once('*').map(|(_, between)| between);
        match (before, tail, earlier) {
            ("", "", None) => Self::All,
            (_, "", None) => Self::StartsWith(before.to_owned()),
            (_, "", Some("" | ".")) => Self::All,
            (_, "", Some(between)) => Self::Contains(between.to_owned()),
            ("", tail, None) | (_, tail, Some(_)) => {
                Self::EndsWith { tail: tail.to_owned(), apex: semantics.wildcard_matches_apex }
            }
            (before, tail, None) => Self::Around(before.to_owned(), tail.to_owned()),
        }
    }

    /// Whether a name is covered; case and a trailing dot do not count.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.covers(&normal(name))
    }

    /// The same of a name in lower case and without a trailing dot.
    fn covers(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Exact(domain) => name == domain,
            Self::Suffix(domain) => {
                name.strip_suffix(domain.as_str()).is_some_and(|left| left.is_empty() || left.ends_with('.'))
            }
            Self::EndsWith { tail, apex } => match tail.strip_prefix('.') {
                Some(bare) => name.len() > tail.len() && name.ends_with(tail) || (*apex && name == bare),
                None => name.ends_with(tail),
            },
            Self::StartsWith(head) => name.starts_with(head),
            Self::Contains(needle) => name.contains(needle),
            Self::Around(head, tail) => {
                name.len() >= head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail)
            }
        }
    }
}

/// One of the two lists. An exact name is looked up, so that a long list of them costs no more than a short one.
#[derive(Debug, Clone, Default)]
struct List {
    exact: HashSet<String>,
    others: Vec<DomainPattern>,
}

impl List {
    fn new(texts: &[String], semantics: &Semantics) -> Self {
        let mut list = Self::default();
        for text in texts {
            match DomainPattern::new(text, semantics) {
                DomainPattern::Exact(name) => drop(list.exact.insert(name)),
                other => list.others.push(other),
            }
        }
        list
    }

    fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.others.is_empty()
    }

    /// Whether it covers a name in lower case and without a trailing dot.
    fn covers(&self, name: &str) -> bool {
        self.exact.contains(name) || self.others.iter().any(|pattern| pattern.covers(name))
    }
}

/// The DNS section of the rule in scope, compiled.
#[derive(Debug, Clone)]
pub struct DnsRules {
    effect: RuleEffect,
    allow: List,
    deny: List,
    nothing_resolves: bool,
}

impl DnsRules {
    /// Compiles a section; nothing when the section is disabled.
    #[must_use]
    pub fn compile(section: &DnsSection, semantics: &Semantics) -> Option<Self> {
        if section.effect == RuleEffect::Disable {
            return None;
        }
        let allow = List::new(&section.whitelist, semantics);
        let deny = List::new(if semantics.deny_lists { &section.blacklist } else { &[] }, semantics);
        let empty = allow.is_empty() && deny.is_empty();
        let deny_all = semantics.empty_lists == EmptyLists::DenyAll && section.effect != RuleEffect::Alert;
        Some(Self { effect: section.effect, allow, deny, nothing_resolves: empty && deny_all })
    }

    /// Whether a denied lookup fails (otherwise it is only reported).
    #[must_use]
    pub fn prevents(&self) -> bool {
        matches!(self.effect, RuleEffect::Prevent | RuleEffect::Block)
    }

    /// Whether a name is denied: deny wins, and a filled allow list denies the rest.
    #[must_use]
    pub fn denies(&self, name: &str) -> bool {
        let name = normal(name);
        self.nothing_resolves
            || self.deny.covers(&name)
            || (!self.allow.is_empty() && !self.allow.covers(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn m(pattern: &str, name: &str) -> bool {
        DomainPattern::new(pattern, &Semantics::current()).matches(name)
    }

    #[test]
    fn wildcards() {
        assert!(m("*.example.com", "api.example.com") && m("*.example.com", "a.b.example.com"));
        assert!(!m("*.example.com", "example.com") && !m("*.example.com", "badexample.com"));
        assert!(!m("*.example.com", ".example.com"), "a tail alone is no name below it");
        let wide = Semantics { wildcard_matches_apex: true, ..Semantics::current() };
        assert!(DomainPattern::new("*.example.com", &wide).matches("example.com"));
        assert!(m("*amazon.com", "amazon.com") && m("*amazon.com", "notamazon.com"));
        assert!(m("*.*.b.a", "x.b.a") && !m("*.*.b.a", "b.a"));
        assert!(m("*.s3.*.amazon.com", "x.amazon.com"));
        assert!(m("*", "anything.at.all") && m("**", "x") && m("*.*", "x"));
        assert!(m("www.*", "www.example.com") && !m("www.*", "ww.example.com"));
        assert!(m("a.*.com", "a.b.com") && !m("a.*.com", "b.b.com"));
    }

    #[test]
    fn case_and_the_final_dot_do_not_count() {
        assert!(m("Example.COM.", "eXample.com") && m("*.Example.com", "API.example.COM."));
    }

    #[test]
    fn an_international_name_is_the_same_in_its_letters_and_encoded() {
        assert!(
            m("bücher.example", "xn--bcher-kva.example") && m("*.BÜCHER.example", "a.xn--bcher-kva.example.")
        );
        assert!(m("xn--bcher-kva.example", "XN--bcher-kva.example"));
        assert!(m("bu\u{308}cher.example", "xn--bcher-kva.example"), "letter and accent apart");
        assert!(!m("bücher.example", "bucher.example") && !m("b*ücher.example", "xn--bcher-kva.example"));
    }

    #[test]
    fn plain_entries_follow_the_profile() {
        assert!(m("example.com", "example.com") && !m("example.com", "api.example.com"));
        let suffix = DomainPattern::new("example.com", &Semantics::legacy_20());
        assert!(suffix.matches("example.com") && suffix.matches("api.example.com"));
        assert!(!suffix.matches("badexample.com"));
    }

    fn rules(json: serde_json::Value, semantics: &Semantics) -> DnsRules {
        DnsRules::compile(&serde_json::from_value(json).unwrap(), semantics).unwrap()
    }

    #[test]
    fn lists() {
        let current = Semantics::current();
        let allow = rules(serde_json::json!({"effect": "prevent", "whitelist": ["*.example.com"]}), &current);
        assert!(allow.denies("evil.test") && !allow.denies("api.example.com"));
        let deny = rules(serde_json::json!({"effect": "alert", "blacklist": ["evil.test"]}), &current);
        assert!(deny.denies("evil.test.") && !deny.denies("api.example.com") && !deny.prevents());
        let json = serde_json::json!({"effect": "prevent", "whitelist": ["a"], "blacklist": ["a"]});
        assert!(rules(json.clone(), &current).denies("a"));
        assert!(!rules(json, &Semantics::allow_only_21()).denies("a"));
        let empty = serde_json::json!({"effect": "prevent"});
        assert!(!rules(empty.clone(), &current).denies("a"));
        assert!(rules(empty, &Semantics::allow_only_21()).denies("a"));
    }

    proptest! {
        #[test]
        fn a_wildcard_covers_exactly_the_names_below(label in "[a-z0-9-]{1,10}", base in "[a-z]{1,8}\\.[a-z]{2,4}") {
            let pattern = format!("*.{base}");
            let below = format!("{label}.{base}");
            let beside = format!("{label}{base}");
            prop_assert!(m(&pattern, &below));
            prop_assert!(!m(&pattern, &base));
            prop_assert!(!m(&pattern, &beside));
        }

        #[test]
        fn any_text_compiles_and_any_name_is_decided(pattern in ".{0,20}", name in ".{0,20}") {
            let _ = m(&pattern, &name);
        }
    }
}
